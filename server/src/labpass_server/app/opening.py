"""Opens what the server keeps: data folder, database, sealing key, set-up link.

On an empty folder it makes them. Everything that is refused at start is refused here, in words.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from labpass.secret import Secret
from labpass_server.app import folder, sealing_key
from labpass_server.kit import random
from labpass_server.model import errors
from labpass_server.settings import Settings
from labpass_server.storage import database, migration
from labpass_server.storage.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What every command needs. ``link`` is the set-up link while nobody has used it."""

    database: database.Database
    installation: str
    key: bytes
    link: Secret | None


def everything(settings: Settings, *, now: datetime) -> Opened:
    """Open, and make on an empty folder; the caller closes the database.

    Raises `Invalid` for a missing sealing key or one others can read, `Conflict` for a database
    newer than this program.
    """
    folder.make(settings.data)
    opened = database.Database(settings.database.reveal())
    try:
        migration.migrate(opened.engine)
        found = opened.write_now(lambda tx: tx.installation.find())
        key = _key(settings.sealing_key, is_new=found is None)
        installation = found or _begin(opened, settings, now)
        link = _link(opened, settings)
    except BaseException:
        opened.close()
        raise
    return Opened(database=opened, installation=installation, key=key, link=link)


def renew_link(opened: database.Database, settings: Settings) -> Secret:
    """Make a new set-up link in place of one nobody has used; raises `Conflict` otherwise."""
    secret = random.token()
    if not opened.write_now(lambda tx: tx.installation.renew_set_up(digest(secret))):
        raise errors.Conflict("the set-up link was used; an administrator can add others")
    return _write_link(settings, secret)


def link_file(settings: Settings) -> Path:
    """Return where the set-up link is written."""
    return settings.data / "set-up-link"


def digest(secret: str) -> bytes:
    """Return what the database keeps of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def _key(path: Path, *, is_new: bool) -> bytes:
    found = sealing_key.load(path)
    if found is not None:
        return found
    if not is_new:
        raise errors.Invalid(
            "sealing-key",
            f"{path} is missing, and the database is sealed with it; bring it back from its backup",
        )
    return sealing_key.make(path)


def _begin(opened: database.Database, settings: Settings, now: datetime) -> str:
    installation, secret = random.identifier(), random.token()

    def work(tx: Transaction) -> None:
        tx.installation.begin(installation, digest(secret), now)

    try:
        opened.write_now(work)
    except errors.Conflict:  # another replica was quicker; the link is theirs
        return opened.write_now(lambda tx: tx.installation.find()) or installation
    _write_link(settings, secret)
    return installation


def _link(opened: database.Database, settings: Settings) -> Secret | None:
    path = link_file(settings)
    if not path.exists():
        return None
    link = path.read_text().strip()
    secret = link.rpartition("/")[2]
    if not opened.write_now(lambda tx: tx.installation.expects(digest(secret))):
        path.unlink()
        return None
    if link == _address(settings, secret):
        return Secret(link)
    return _write_link(settings, secret)


def _write_link(settings: Settings, secret: str) -> Secret:
    link = _address(settings, secret)
    folder.write_new(link_file(settings), f"{link}\n".encode())
    return Secret(link)


def _address(settings: Settings, secret: str) -> str:
    return f"{settings.issuer}/set-up/{secret}"
