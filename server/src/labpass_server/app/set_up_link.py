"""The one-time set-up link: a file for its owner alone, until somebody has used it."""

from datetime import datetime
from pathlib import Path

from labpass.secret import Secret
from labpass_server.app import folder
from labpass_server.identity.set_up import SetUp
from labpass_server.model import errors
from labpass_server.settings import Settings

PATH = "/set-up/"


async def ensure(
    settings: Settings, set_up: SetUp, *, is_new: bool, now: datetime
) -> Secret | None:
    """Begin a new installation; return the link if it is here and nobody has used it.

    A link that still works is kept: a restart does not take it out of somebody's hands, and a
    second replica, which has no file of it, makes none of its own.
    """
    path = file(settings)
    if path.exists():
        secret = Secret(path.read_text().strip().rpartition("/")[2])
        if await set_up.expects(secret):
            return _write(settings, secret)
        path.unlink()
    return await renew(settings, set_up, now=now) if is_new else None


async def renew(settings: Settings, set_up: SetUp, *, now: datetime) -> Secret | None:
    """Make a new link; the old one stops working. `None` once one was used."""
    secret = await set_up.begin(now)
    return None if secret is None else _write(settings, secret)


async def get_new(settings: Settings, set_up: SetUp, *, now: datetime) -> Secret:
    """Do as `renew`, and raise `Conflict` once one was used."""
    link = await renew(settings, set_up, now=now)
    if link is None:
        raise errors.Conflict("the set-up link was used; an administrator can add others")
    return link


def forget(settings: Settings) -> None:
    """Remove the file of a link that was used."""
    file(settings).unlink(missing_ok=True)


def file(settings: Settings) -> Path:
    """Return where the link is written."""
    return settings.data / "set-up-link"


def _write(settings: Settings, secret: Secret) -> Secret:
    link = Secret(f"{settings.issuer}{PATH}{secret.reveal()}")
    folder.write_new(file(settings), f"{link.reveal()}\n".encode())
    return link
