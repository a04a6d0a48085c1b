"""What stands around the doors: the site, security headers, and the last catch of a crash."""

from typing import Final

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labpass_server.web import errors, headers, site


def middleware(shared: site.Site) -> list[Middleware]:
    """Return what an application needs around its routes, outermost first.

    With `errors.HANDLERS` as its exception handlers every refusal and crash becomes a page or a
    problem document.
    """
    return [
        Middleware(Bind, shared=shared),
        Middleware(headers.Headers, origin=shared.origin),
        Middleware(Crashes),
    ]


class Bind:
    """Lets `site.of` find the site."""

    def __init__(self, app: ASGIApp, *, shared: site.Site) -> None:
        self.app = app
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the site beside the request."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["site"] = self._shared
        await self.app(scope, receive, send)


class Crashes:
    """Answers what nobody else caught, while that is still possible."""

    _START: Final = "http.response.start"

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; a crash after the first byte only ends the connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal has_started
            has_started = has_started or message["type"] == self._START
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if has_started:
                raise
            answer = errors.answer(Request(scope, receive), errors.BROKEN, cause=error)
            await answer(scope, receive, send)
