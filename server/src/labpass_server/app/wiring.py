"""Joins adapters, use cases and doors: the one list of what the server is made of."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.types import ASGIApp

from labpass_server.app import application, health, opening
from labpass_server.settings import Settings
from labpass_server.web import site

Loop: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """A server that only needs a socket. ``loops`` run beside it until they are cancelled."""

    app: ASGIApp
    health: health.Health
    loops: Sequence[Loop]
    close: Callable[[], Awaitable[None]]


async def wire(
    settings: Settings, opened: opening.Opened, *, authority: bytes | None = None
) -> Wired:
    """Make every part and join them."""
    shared = site.build(settings.issuer)

    async def reaches_database() -> None:
        await opened.database.read(lambda tx: tx.installation.find())

    watched = health.Health(reaches_database=reaches_database)
    routes = application.own_routes(watched, authority)
    app = application.build(settings, shared, routes)

    async def close() -> None:
        pass

    return Wired(app=app, health=watched, loops=(), close=close)
