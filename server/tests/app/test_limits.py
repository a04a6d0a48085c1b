import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from server.tests.conftest import Run
from starlette.types import Receive, Scope, Send

from labpass_server.app import limits

START = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, then answer."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body", "body": b"done"})


@asynccontextmanager
async def talk() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(echo, http=limits.Protocol, lifespan="off", log_config=None)
    config.load()
    state = uvicorn.Server(config).server_state
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: limits.Protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()


def said(run: Run, *parts: bytes) -> bytes:
    """Return all that is answered to these parts, until the server ends the connection."""

    async def conversation() -> bytes:
        async with talk() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 10)

    return run(conversation())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="says nothing"),
        pytest.param([START[:20]], id="a head without end"),
        pytest.param([START, b"ab"], id="a body without end"),
    ],
)
def test_who_does_not_finish_a_request_is_hung_up_on(run: Run, parts: list[bytes]) -> None:
    assert said(run, *parts) == b""


def test_a_head_that_only_grows_is_refused(run: Run) -> None:
    assert b" 400 " in said(run, b"GET / HTTP/1.1\r\nX: " + b"a" * (limits.HEADERS + 1))


def test_a_whole_request_is_answered_and_may_be_followed_by_another(run: Run) -> None:
    async def conversation() -> list[bytes]:
        answers = []
        async with talk() as (reader, writer):
            for _ in range(2):
                writer.write(START)
                writer.write(b"abcd")
                answers.append(await asyncio.wait_for(reader.readuntil(b"done\r\n0\r\n\r\n"), 5))
        return answers

    assert all(b" 200 " in each for each in run(conversation()))
