"""One lock per sign-in, with a deadline, also where the file system has no locks.

`fcntl.flock` where it works; on NFS homes it may answer ENOLCK or EOPNOTSUPP, then a file made with
O_EXCL stands in, and one older than `STALE` was left by a process that died.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from labpass.problems import TimedOut
from labpass.session import files

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # the O_EXCL way is used there

WAIT: Final = 25.0  # seconds: a refresh that times out, and its one repetition
POLL: Final = 0.05
STALE: Final = 60.0
WITHOUT_LOCKS: Final = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}


@contextmanager
def hold(path: Path, *, wait: float = WAIT) -> Iterator[None]:
    """Hold the lock at ``path`` for the body. Raises `TimedOut` after ``wait`` seconds.

    Where no lock file can be written there is none: nothing that it guards can be written either,
    and a home that has become read-only still has tokens to show.
    """
    deadline = time.monotonic() + wait
    descriptor = _open(path)
    if descriptor is None:
        yield
        return
    try:
        if _flock(descriptor, path, deadline):
            yield
        else:
            with _exclusive(path.with_suffix(".held"), deadline):
                yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int | None:
    try:
        files.folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT | files.NO_FOLLOW, 0o600)
    except (OSError, files.CannotWrite):
        return None


def _flock(descriptor: int, path: Path, deadline: float) -> bool:
    """Lock by the kernel. False where this file system cannot."""
    if fcntl is None:
        return False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _pause(path, deadline)
        except OSError as e:
            if e.errno in WITHOUT_LOCKS:
                return False
            raise
        else:
            return True


@contextmanager
def _exclusive(path: Path, deadline: float) -> Iterator[None]:
    """Lock by a file that only one process can create."""
    while True:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            with suppress(FileNotFoundError):
                if _age(path) > STALE:
                    path.unlink()
                    continue
            _pause(path, deadline)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """Seconds since the file was made, by the file server's own clock on both sides."""
    probe = path.with_suffix(f".{os.getpid()}")
    probe.touch(mode=0o600)
    try:
        return probe.stat().st_mtime - path.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _pause(path: Path, deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise TimedOut(
            "Another labpass is busy with this sign-in and does not finish.",
            hint=f"Try again; if it stays so, see who holds it: fuser {path}",
        )
    time.sleep(POLL)
