"""What a connection may cost before anybody has said who they are.

uvicorn bounds neither the headers nor the time they may take; a body is bounded by the middleware
below. Numbers: a sign-in's longest header is a cookie of some 300 bytes; 32 KiB leaves room for
browsers that send much to ``localhost``.
"""

import asyncio
from typing import Any, Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS: Final = 32 * 1024
HEADER_SECONDS: Final = 10.0
BODY_SECONDS: Final = 30.0
BODY: Final = 1024 * 1024


class Protocol(HttpToolsProtocol):
    """uvicorn's own, with a bound on the size of a request's head and the time of all of it."""

    _size = 0
    _is_in_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a connection that says nothing is ended too."""
        super().connection_made(transport)
        self._await(HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; as long as that ends no head, count it.

        The parser hands a header over only when it is complete, so counting headers would let
        one without end grow.
        """
        super().data_received(data)
        if not self._is_in_head:
            return
        self._size += len(data)
        if self._size > HEADERS and not self.transport.is_closing():
            self.send_400_response("request head too large")

    def on_message_begin(self) -> None:
        """Count anew; a second request on the connection has its own head."""
        self._size = 0
        self._is_in_head = True
        if self._deadline is None:
            self._await(HEADER_SECONDS)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here; a body has its own time."""
        self._is_in_head = False
        self._stop()
        self._await(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock: all of the request is here."""
        self._stop()
        super().on_message_complete()

    def _await(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class TooLarge(Exception):
    """The body went on beyond `BODY`."""


class Body:
    """ASGI middleware: refuses a body beyond `BODY`, said or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, counting what it receives."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _said(scope) > BODY:
            await PlainTextResponse("too large\n", status_code=413)(scope, receive, send)
            return
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY:
                raise TooLarge
            return message

        try:
            await self.app(scope, count, send)
        except TooLarge:
            await PlainTextResponse("too large\n", status_code=413)(scope, receive, send)


def _said(scope: Scope) -> int:
    headers: list[tuple[bytes, Any]] = scope["headers"]
    said = [value for name, value in headers if name == b"content-length"]
    return int(said[0]) if said and said[0].isdigit() else 0
