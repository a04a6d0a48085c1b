"""Records each request: method, route pattern, status, milliseconds, who asked.

Never the address itself: a set-up link and a short link are secrets in the path, and a query can
hold a code. So what is recorded is the pattern of the route, which our own source holds.
"""

import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log: Final = structlog.get_logger("request")
_UNKNOWN: Final = "unknown"
_UNHEARD: Final = frozenset({"/livez", "/readyz"})


class Record:
    """ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application and write one line when it is done."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self.app(scope, receive, watch)
        finally:
            _write(scope, status, time.perf_counter() - began)


def _write(scope: Scope, status: int, seconds: float) -> None:
    pattern = getattr(scope.get("route"), "path", _UNKNOWN)
    if pattern in _UNHEARD:
        return
    client = scope.get("client")
    _log.info(
        "request",
        method=scope["method"],
        route=f"{scope.get('root_path', '')}{pattern}",
        status=status,
        ms=round(seconds * 1000, 1),
        client=client[0] if client else None,
    )
