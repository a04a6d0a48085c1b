import ipaddress
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from labpass_server.app import proxy

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32")]


def client_of(middleware: Middleware, peer: str = "10.0.0.1", **options: Any) -> TestClient:
    async def show(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.client.host if request.client else "nobody")

    routes = [Route("/", show), Route("/livez", show)]
    app = Starlette(routes=routes, middleware=[middleware])
    return TestClient(app, client=(peer, 1234), **options)


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("10.9.9.9", "10.9.9.9"),
        ("2001:db9::5, 2001:db8::1", "2001:db9::5"),
        ("nonsense", "10.0.0.1"),
        ("203.0.113.9, nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_last_address_that_is_no_proxy_is_the_client(said: str, seen: str) -> None:
    client = client_of(Middleware(proxy.Client, networks=PROXIES))
    assert client.get("/", headers={"X-Forwarded-For": said}).text == seen


def test_a_proxy_is_known_on_a_socket_that_serves_both_families() -> None:
    client = client_of(Middleware(proxy.Client, networks=PROXIES), peer="::ffff:10.0.0.1")
    assert client.get("/", headers={"X-Forwarded-For": "203.0.113.9"}).text == "203.0.113.9"
    headers = {"X-Forwarded-For": "203.0.113.9, ::ffff:10.1.1.1"}
    assert client.get("/", headers=headers).text == "203.0.113.9"


def test_an_attacker_in_front_of_the_header_does_not_choose_their_address() -> None:
    client = client_of(Middleware(proxy.Client, networks=PROXIES))
    headers = {"X-Forwarded-For": "1.2.3.4, 203.0.113.9"}
    assert client.get("/", headers=headers).text == "203.0.113.9"


def test_the_header_from_anybody_else_is_only_a_claim() -> None:
    client = client_of(Middleware(proxy.Client, networks=PROXIES), peer="192.0.2.1")
    assert client.get("/", headers={"X-Forwarded-For": "203.0.113.9"}).text == "192.0.2.1"


@pytest.mark.parametrize(
    ("issuer", "host", "status"),
    [
        ("https://labpass.example.org", "labpass.example.org", 200),
        ("https://labpass.example.org", "LABPASS.example.org:443", 200),
        ("https://labpass.example.org", "evil.example.org", 421),
        ("https://labpass.example.org", "labpass.example.org.evil.org", 421),
        ("https://labpass.example.org", "labpass.example.org:8443", 421),
        ("https://127.0.0.1:8443", "127.0.0.1:8443", 200),
        ("https://127.0.0.1:8443", "127.0.0.1", 421),
        ("https://[::1]:8443", "[::1]:8443", 200),
        ("https://[::1]", "[::1]", 200),
    ],
)
def test_dns_rebinding_only_the_issuers_host_is_answered(
    issuer: str, host: str, status: int
) -> None:
    client = client_of(Middleware(proxy.Host, issuer=issuer))
    assert client.get("/", headers={"Host": host}).status_code == status


def test_a_probe_may_ask_by_address() -> None:
    client = client_of(Middleware(proxy.Host, issuer="https://labpass.example.org"))
    assert client.get("/livez", headers={"Host": "10.1.2.3:8443"}).status_code == 200
