"""Opens what the server keeps: data folder, database, sealing key. On an empty folder makes them.

Everything about them that is refused at start is refused here, in words.
"""

from dataclasses import dataclass
from pathlib import Path

from labpass_server.app import folder, sealing_key
from labpass_server.model import errors
from labpass_server.settings import Settings
from labpass_server.storage import database, revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What every command needs. ``is_new`` says that nobody has begun an installation in it."""

    database: database.Database
    key: bytes
    is_new: bool


def everything(settings: Settings) -> Opened:
    """Open, and make on an empty folder; the caller closes the database.

    Raises `Invalid` for a missing sealing key or one others can read, `Conflict` for a database
    newer than this program.
    """
    folder.make(settings.data)
    opened = database.Database(settings.database.reveal())
    try:
        _migrate(opened)
        is_new = opened.write_now(lambda tx: tx.installation.find()) is None
        key = _key(settings.sealing_key, is_new=is_new)
    except BaseException:
        opened.close()
        raise
    return Opened(database=opened, key=key, is_new=is_new)


def _migrate(opened: database.Database) -> None:
    if revision.is_current(opened.engine):
        return
    from labpass_server.storage import migration  # noqa: PLC0415 -- see revision: seldom needed

    migration.migrate(opened.engine)


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
