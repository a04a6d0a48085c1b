import json
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as Plain
from starlette.testclient import TestClient

from labpass_server import settings
from labpass_server.app import application, health, log
from labpass_server.model import errors
from labpass_server.web import form, site
from labpass_server.web.route import Public, Route

ISSUER = "https://labpass.example.org"
WHY = Public("a test")


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def say_client(request: Request) -> Response:
    return PlainTextResponse(request.client.host if request.client else "")


async def read_form(request: Request) -> Response:
    return PlainTextResponse(str(dict(await form.read(request))))


class Database:
    is_there = True

    async def reach(self) -> None:
        if not self.is_there:
            raise errors.Unavailable("the database")


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def watched(database: Database) -> health.Health:
    return health.Health(reaches_database=database.reach)


def build(watched: health.Health, tmp_path: Path, **flags: str) -> TestClient:
    found = settings.load({"data": str(tmp_path), "issuer": ISSUER, **flags}, {})
    app = application.build(
        found,
        site.build(ISSUER),
        [
            *application.own_routes(watched, b"-----BEGIN CERTIFICATE-----\n"),
            Route("POST", "/echo", echo, WHY),
            Route("GET", "/client", say_client, WHY),
            Route("POST", "/form", read_form, WHY),
        ],
        others=[Mount("/api/v1", routes=[Plain("/people/{handle}", echo, methods=["GET"])])],
    )
    return TestClient(app, base_url=ISSUER, raise_server_exceptions=False, client=("10.0.0.1", 1))


@pytest.fixture
def client(watched: health.Health, tmp_path: Path) -> TestClient:
    return build(watched, tmp_path)


def test_it_lives_and_is_ready(client: TestClient) -> None:
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_without_its_database_it_lives_and_is_not_ready(
    client: TestClient, database: Database
) -> None:
    database.is_there = False
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_while_draining_it_is_not_ready(client: TestClient, watched: health.Health) -> None:
    watched.drain()
    assert client.get("/readyz").text == "draining\n"
    assert client.get("/livez").status_code == 200


def test_the_private_ca_is_public(client: TestClient) -> None:
    answer = client.get("/.well-known/labpass/ca.pem")
    assert answer.text.startswith("-----BEGIN CERTIFICATE-----")
    assert answer.headers["content-type"] == "application/x-pem-file"


def test_it_does_not_start_with_a_route_that_says_no_reason(
    watched: health.Health, tmp_path: Path
) -> None:
    found = settings.load({"data": str(tmp_path), "issuer": ISSUER}, {})
    with pytest.raises(ValueError, match="GET /open"):
        application.build(found, site.build(ISSUER), [Route("GET", "/open", echo, Public(""))])


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_without_end_is_refused(client: TestClient, *, chunked: bool) -> None:
    body = b"x" * (1024 * 1024 + 1)
    answer = client.post("/echo", content=iter([body]) if chunked else body)
    assert answer.status_code == 413


def test_a_form_is_bounded_more_narrowly(client: TestClient) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/form", content=b"a=" + b"x" * 65536, headers=headers).status_code == 400
    assert client.post("/form", json={"a": 1}).status_code == 400
    assert client.post("/form", content=b"a=1&a=2", headers=headers).status_code == 400
    assert client.post("/form", content=b"a=1", headers=headers).text == "{'a': '1'}"


def test_the_forwarded_address_counts_only_from_the_proxy(
    watched: health.Health, tmp_path: Path
) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    trusted = build(watched, tmp_path, **{"behind-proxy": "10.0.0.0/8"})
    foreign = build(watched, tmp_path, **{"behind-proxy": "192.0.2.0/24"})
    direct = build(watched, tmp_path)
    assert trusted.get("/client", headers=headers).text == "203.0.113.9"
    assert foreign.get("/client", headers=headers).text == "10.0.0.1"
    assert direct.get("/client", headers=headers).text == "10.0.0.1"


@pytest.mark.usefixtures("logging_restored")
class TestRecord:
    @pytest.mark.parametrize(
        ("path", "route"),
        [
            ("/client?code=c0de", "/client"),
            ("/api/v1/people/alice?x=c0de", "/api/v1/people/{handle}"),
            ("/c0de/c0de", "unknown"),
        ],
    )
    def test_only_the_pattern_of_the_route_is_written(
        self, client: TestClient, capsys: pytest.CaptureFixture[str], path: str, route: str
    ) -> None:
        log.set_up(settings.LogFormat.JSON)
        client.get(path, headers={"Authorization": "Bearer c0de", "User-Agent": "c0de"})
        lines = capsys.readouterr().err.splitlines()
        assert json.loads(lines[-1])["route"] == route
        assert "c0de" not in "".join(lines)

    def test_probes_are_not_written(
        self, client: TestClient, capsys: pytest.CaptureFixture[str]
    ) -> None:
        log.set_up(settings.LogFormat.JSON)
        client.get("/livez")
        assert capsys.readouterr().err == ""
