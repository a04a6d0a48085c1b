"""Whether the process lives, and whether it can answer people now."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from labpass_server.model import errors


class Health:
    """Answers whoever restarts us and whoever sends us traffic; says no more than yes or no."""

    def __init__(self, *, reaches_database: Callable[[], Awaitable[None]]) -> None:
        self._reaches_database = reaches_database
        self.is_draining = False

    def drain(self) -> None:
        """Stop being ready; what runs is finished."""
        self.is_draining = True

    async def live(self, request: Request) -> Response:
        """Answer that the process runs its loop."""
        del request
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """Answer whether a request would be served now: not draining, the database answers."""
        del request
        if self.is_draining:
            return PlainTextResponse("draining\n", status_code=503)
        try:
            await self._reaches_database()
        except errors.Unavailable:
            return PlainTextResponse("the database does not answer\n", status_code=503)
        return PlainTextResponse("ok\n")
