import http.client
import os
import select
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from labpass.login.listener import Listener

STATE = "st4te"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener(STATE) as started:
        yield started


def ask(listener: Listener, method: str, target: str, host: str | None = None) -> tuple[int, bytes]:
    netloc = urlsplit(listener.redirect_uri).netloc
    connection = http.client.HTTPConnection(netloc, timeout=5)
    try:
        connection.request(method, target, headers={"Host": host or netloc})
        answer = connection.getresponse()
        assert answer.getheader("Referrer-Policy") == "no-referrer"
        return answer.status, answer.read()
    finally:
        connection.close()


def is_ready(listener: Listener) -> bool:
    return bool(select.select([listener.ready], [], [], 0.2)[0])


def test_takes_the_answer_once(listener: Listener) -> None:
    target = f"/callback?code=c&state={STATE}"
    assert ask(listener, "GET", target)[0] == 200
    assert is_ready(listener)
    assert listener.answer == listener.redirect_uri + f"?code=c&state={STATE}"
    ask(listener, "GET", f"/callback?code=second&state={STATE}")
    assert listener.answer.endswith(f"code=c&state={STATE}")


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/favicon.ico", 404),
        ("GET", "/", 404),
        ("GET", "/callback", 400),
        ("GET", "/callback?code=c&state=guessed", 400),
        ("HEAD", f"/callback?code=c&state={STATE}", 200),
        ("OPTIONS", f"/callback?code=c&state={STATE}", 204),
        ("POST", f"/callback?code=c&state={STATE}", 501),
    ],
)
def test_nothing_else_uses_the_answer_up(
    listener: Listener, method: str, target: str, status: int
) -> None:
    if method == "POST":
        netloc = urlsplit(listener.redirect_uri).netloc
        connection = http.client.HTTPConnection(netloc, timeout=5)
        connection.request(method, target)
        assert connection.getresponse().status == status
        connection.close()
    else:
        assert ask(listener, method, target)[0] == status
    assert not is_ready(listener)
    assert ask(listener, "GET", f"/callback?code=c&state={STATE}")[0] == 200


def test_a_name_pointed_at_loopback_is_refused(listener: Listener) -> None:
    port = urlsplit(listener.redirect_uri).port
    target = f"/callback?code=c&state={STATE}"
    assert ask(listener, "GET", target, host=f"evil.example:{port}")[0] == 404
    assert not is_ready(listener)


def test_what_a_page_sends_is_not_shown_back(listener: Listener) -> None:
    _, body = ask(listener, "GET", "/callback?state=%3Cscript%3E&error=%3Cscript%3E")
    assert b"script" not in body


def test_a_browsers_idle_connection_blocks_nothing(listener: Listener) -> None:
    parts = urlsplit(listener.redirect_uri)
    with socket.create_connection((parts.hostname, parts.port or 0)):
        assert ask(listener, "GET", f"/callback?code=c&state={STATE}")[0] == 200


def test_listens_on_this_machine_alone(listener: Listener) -> None:
    assert urlsplit(listener.redirect_uri).hostname in {"127.0.0.1", "::1"}


def test_the_port_is_free_again_afterwards() -> None:
    with Listener(STATE) as started:
        port = urlsplit(started.redirect_uri).port or 0
        ready = started.ready
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(ready)
