"""The data folder: made for one user alone, held by one server at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from labpass_server.model import errors

_ONLY_OWNER: Final = 0o700
_OWNER_FILE: Final = 0o600


def make(path: Path) -> None:
    """Make the folder if there is none, for its owner alone."""
    try:
        path.mkdir(mode=_ONLY_OWNER, parents=True, exist_ok=True)
    except OSError as error:
        raise errors.Invalid("data", f"cannot make {path}: {error.strerror}") from error


def write_new(path: Path, content: bytes) -> None:
    """Write a file whole, readable by its owner alone from its first byte; replaces an old one."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file until the end; the kernel lets go of it when the process dies.

    Raises `Conflict` when another server holds it: two on one SQLite file would each believe
    they are the only writer.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise errors.Conflict(
            f"another labpass-server holds {path}; stop it, or use PostgreSQL for several"
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)
