"""Joins adapters, use cases and doors: the one list of what the server is made of."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from starlette.types import ASGIApp

from labpass.secret import Secret
from labpass_server.app import application, health, opening, people, set_up_link, set_up_page
from labpass_server.identity import keyring
from labpass_server.kit import clock
from labpass_server.settings import Settings
from labpass_server.signing import keysmith, sealing
from labpass_server.web import site

Loop: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """A server that only needs a socket. ``loops`` run beside it until they are cancelled.

    ``link`` is the set-up link while nobody has used it.
    """

    app: ASGIApp
    health: health.Health
    loops: Sequence[Loop]
    link: Secret | None
    close: Callable[[], Awaitable[None]]


async def wire(
    settings: Settings,
    opened: opening.Opened,
    *,
    authority: bytes | None = None,
    command: str = "labpass login",
) -> Wired:
    """Make every part and join them.

    ``authority`` is the private CA's certificate; ``command`` what the first administrator types.
    """
    store = opened.database
    household = people.join(store)
    keys = keyring.Keyring(store, keysmith.Keysmith(sealing.Sealer(opened.key)))
    await keys.rotate(clock.now())
    link = await set_up_link.ensure(settings, household.set_up, now=clock.now())

    async def reaches_database() -> None:
        await store.read(lambda tx: tx.installation.find())

    watched = health.Health(reaches_database=reaches_database)
    first = set_up_page.SetUpPage(
        household.set_up,
        command=command,
        clock=clock.now,
        on_done=partial(set_up_link.forget, settings),
    )
    routes = [*application.own_routes(watched, authority), *first.routes]
    app = application.build(settings, site.build(settings.issuer), routes)

    async def close() -> None:
        household.hasher.close()

    return Wired(app=app, health=watched, loops=(), link=link, close=close)
