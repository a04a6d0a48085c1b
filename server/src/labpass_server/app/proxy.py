"""Where a request really comes from, and which host it may ask for.

``X-Forwarded-For`` counts only from the networks the operator named, read from the right: the
first address that is no proxy of theirs is the client. From anybody else it is a claim, and
throttling by it would let an attacker choose a new address for every try.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from labpass_server.model import network
from labpass_server.settings import Network

_MISDIRECTED: Final = 421
_ANY_HOST: Final = frozenset({"/livez", "/readyz"})


class Client:
    """ASGI middleware: puts the real client's address into the scope."""

    def __init__(self, app: ASGIApp, *, networks: Sequence[Network]) -> None:
        self.app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with the client's address corrected."""
        if scope["type"] == "http" and (client := scope.get("client")):
            if self._is_proxy(client[0]):
                scope["client"] = (self._behind(scope, client[0]), 0)
            scope["scheme"] = "https"
        await self.app(scope, receive, send)

    def _behind(self, scope: Scope, proxy: str) -> str:
        said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        found = proxy
        for each in reversed(said.decode("latin-1").split(",")):
            parsed = network.address(each.strip())
            if parsed is None:
                break
            found = str(parsed)
            if not self._is_proxy(found):
                break
        return found

    def _is_proxy(self, address: str) -> bool:
        parsed = network.address(address)
        return parsed is not None and any(parsed in each for each in self._networks)


class Host:
    """ASGI middleware: answers only to the issuer's own host.

    Nothing is ever built from ``Host``, but a page shown under a foreign name (DNS rebinding)
    would still be a page of ours.
    """

    def __init__(self, app: ASGIApp, *, issuer: str) -> None:
        self.app = app
        parts = urlsplit(issuer)
        port = parts.port or 443
        bare = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
        self._known = {f"{bare}:{port}".lower(), *([bare.lower()] if port == 443 else [])}  # noqa: PLR2004 -- https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, or say that this is another host's request."""
        if scope["type"] == "http" and scope["path"] not in _ANY_HOST:
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or hosts[0].decode("latin-1").lower() not in self._known:
                refusal = PlainTextResponse("this is another host\n", status_code=_MISDIRECTED)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
