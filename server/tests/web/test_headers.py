import pytest
from starlette.testclient import TestClient

from labpass_server.web import headers


def test_no_page_can_be_framed(client: TestClient, name: str) -> None:
    answer = client.get(f"/page/{name}")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/page/sign-in", "/page/unknown", "/nowhere", "/crash", "/post"])
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_redirect_origin_and_nothing_more_of_it_is_in_form_action() -> None:
    policy = headers.sign_in_policy(["https://app.example.org/cb?x=1", "http://localhost:8000/"])
    assert policy.endswith("form-action 'self' https://app.example.org http://localhost:8000")


def test_an_ipv6_loopback_which_the_grammar_cannot_say_is_narrowed_to_its_port() -> None:
    assert headers.sign_in_policy(["http://[::1]:53127/callback"]).endswith("http://*:53127")


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "https://a.example.org;script-src *",
        "https://user@a.example.org/",
        "https://a.example.org%0d%0aSet-Cookie:x",
        "data:text/html,x",
        "//a.example.org",
        "",
    ],
)
def test_a_policy_cannot_be_injected_through_a_redirect_uri(uri: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        headers.sign_in_policy([uri])


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://labpass.example.org", True),
        ("https://localhost:8443", False),
        ("https://lab.localhost", False),
        ("https://127.0.0.1:8443", False),
        ("https://[::1]:8443", False),
    ],
)
def test_localhost_is_never_pinned_to_https_it_would_break_loopback_listeners(
    origin: str, *, may: bool
) -> None:
    assert headers.may_pin_https(origin) is may
