from urllib import parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model import errors, redirect

REGISTERED = ("https://wiki.example.org/callback", "http://localhost/cb", "http://127.0.0.1/cb")


def matches(uri: str) -> bool:
    return redirect.matches(uri, REGISTERED, any_loopback=False)


@pytest.mark.parametrize(
    "uri",
    [
        "https://wiki.example.org/callback",
        "http://localhost/cb",
        "http://localhost:8000/cb",
        "http://127.0.0.1:65535/cb",
    ],
)
def test_what_is_registered_matches_loopback_at_any_port(uri: str) -> None:
    assert matches(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://wiki.example.org/callback/",
        "https://wiki.example.org:443/callback",
        "https://WIKI.example.org/callback",
        "https://wiki.example.org/callback?x=1",
        "https://wiki.example.org/callback#x",
        "https://wiki.example.org.evil.example/callback",
        "http://wiki.example.org/callback",
        "http://[::1]:8000/cb",
        "http://localhost:80@evil.example/cb",
        "http://localhost.evil.example/cb",
        "http://LOCALHOST/cb",
        "http://127.1/cb",
        "http://localhost:/cb",
        "http://localhost:+80/cb",
        "http://localhost:65536/cb",
        "http://localhost/cb?x",
        " http://localhost/cb",
        "http://localhost/cb\n",
        "http:/localhost/cb",
        "",
    ],
)
def test_nothing_else_does(uri: str) -> None:
    assert not matches(uri)


@given(st.text(min_size=1), st.sampled_from(["http://localhost", "http://127.0.0.1:80"]))
def test_whatever_any_loopback_accepts_a_browser_takes_to_this_machine(
    tail: str, start: str
) -> None:
    uri = start + tail
    if redirect.matches(uri, (), any_loopback=True):
        assert parse.urlsplit(uri).hostname in {"localhost", "127.0.0.1"}
        assert "@" not in parse.urlsplit(uri).netloc


@pytest.mark.parametrize(
    "uri",
    ["https://wiki.example.org/cb", "http://localhost/cb", "com.example.app:/cb"],
)
def test_these_can_be_registered(uri: str) -> None:
    assert redirect.register(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://wiki.example.org/cb",
        "https://user@wiki.example.org/cb",
        "https://wiki.example.org/cb#x",
        "https://*.example.org/ cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:///cb",
        "https://[::1/cb",
    ],
)
def test_these_cannot(uri: str) -> None:
    with pytest.raises(errors.Invalid):
        redirect.register(uri)
