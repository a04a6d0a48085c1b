"""``labpass-server admin create`` and ``set-up-link``: for whoever holds the data folder."""

import asyncio
import contextlib
from collections.abc import Iterator

from labpass.secret import Secret
from labpass_server.app import authority, opening, set_up_link, wiring
from labpass_server.identity.people import NewPerson
from labpass_server.identity.set_up import SetUp
from labpass_server.kit import clock
from labpass_server.model import errors
from labpass_server.settings import Settings


def create(settings: Settings, *, handle: str, display_name: str, password: Secret) -> None:
    """Add an organisation administrator; an unused set-up link is worth nothing then."""
    new = NewPerson(
        handle=handle,
        display_name=display_name,
        password=password,
        is_temporary=False,
        may_be_called_admin=True,
    )

    async def add(set_up: SetUp, *, is_new: bool) -> None:
        await set_up_link.ensure(settings, set_up, is_new=is_new, now=clock.now())
        try:
            await set_up.add_administrator(new, now=clock.now())
        except errors.Conflict as taken:
            raise errors.Conflict(f"{handle} is taken, now or once before") from taken

    with _opened(settings) as (set_up, is_new):
        asyncio.run(add(set_up, is_new=is_new))
    set_up_link.forget(settings)


def new_link(settings: Settings) -> str:
    """Return a new set-up link; raises `Conflict` once one was used."""
    with _opened(settings) as (set_up, _):
        return asyncio.run(set_up_link.get_new(settings, set_up, now=clock.now())).reveal()


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[tuple[SetUp, bool]]:
    with contextlib.ExitStack() as stack:
        opened = opening.everything(settings)
        stack.callback(opened.database.close)
        parts = stack.enter_context(wiring.adapters(opened))
        yield authority.build(parts, issuer=settings.issuer).set_up, opened.is_new
