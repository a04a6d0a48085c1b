"""Joins adapters, use cases and doors: the one list of what the server is made of."""

import contextlib
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeAlias

from starlette.types import ASGIApp

from labpass.secret import Secret
from labpass_server.app import (
    application,
    authority,
    health,
    opening,
    set_up_link,
    set_up_page,
    territory,
)
from labpass_server.hashing import passwords
from labpass_server.kit import clock
from labpass_server.oidc import routes as oidc
from labpass_server.reconcile import ports
from labpass_server.settings import Settings
from labpass_server.signing import sealing
from labpass_server.web import site

Loop: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
ROTATE_EVERY: Final = timedelta(minutes=5)
TIDY_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """A server that only needs a socket. ``loops`` run beside it until they are cancelled.

    ``link`` is the set-up link while nobody has used it.
    """

    app: ASGIApp
    health: health.Health
    loops: Sequence[Loop]
    link: Secret | None


@contextlib.contextmanager
def adapters(opened: opening.Opened) -> Iterator[authority.Parts]:
    """Make what works on threads of its own, and end it."""
    with contextlib.ExitStack() as stack:
        hasher = passwords.Passwords(passwords.calibrate())
        stack.callback(hasher.close)
        signing = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="signing")
        stack.enter_context(signing)
        yield authority.Parts(
            store=opened.database,
            sealer=sealing.Sealer(opened.key),
            hasher=hasher,
            signing=signing,
            now=clock.now,
        )


async def wire(
    settings: Settings,
    opened: opening.Opened,
    parts: authority.Parts,
    *,
    private: bytes | None,
    command: str,
) -> Wired:
    """Make every part and join them.

    ``private`` is the private CA's certificate, if any; ``command`` is what the first administrator
    types.
    """
    joined = authority.build(parts, issuer=settings.issuer, policy=settings.policy)
    await joined.keys.rotate(clock.now())
    link = await set_up_link.ensure(settings, joined.set_up, is_new=opened.is_new, now=clock.now())
    access = territory.join(
        territory.Given(
            store=opened.database,
            sealer=parts.sealer,
            bearers=joined.bearers,
            canaries=joined.canaries,
            people=joined.people,
            clients=joined.clients,
            issuer=settings.issuer,
            certificate_authority=None if private is None else private.decode(),
        ),
        [
            ports.Timed(name="keys", every=ROTATE_EVERY, work=joined.keys.rotate),
            ports.Timed(name="tidying", every=TIDY_EVERY, work=joined.tidying.tidy),
        ],
    )
    watched = health.Health(reaches_database=partial(_reach, opened))
    first = set_up_page.SetUpPage(
        joined.set_up,
        command=command,
        clock=clock.now,
        on_done=partial(set_up_link.forget, settings),
    )
    app = application.build(
        settings,
        site.build(settings.issuer),
        [
            *application.own_routes(watched, private),
            *first.routes,
            *oidc.routes(joined.door),
        ],
        others=[access.door.mount],
    )
    return Wired(app=app, health=watched, loops=[access.reconciler.run], link=link)


async def _reach(opened: opening.Opened) -> None:
    await opened.database.read(lambda tx: tx.installation.find())
