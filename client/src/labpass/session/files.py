"""Private files: mode 0600 in folders of mode 0700, written whole or not at all.

Reading follows no link and takes nothing that belongs to somebody else or that others can read:
on a shared machine a planted file would otherwise choose whose token is used.
"""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from labpass.problems import Problem

NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
LARGEST: Final = 1 << 20  # tokens are kilobytes; anything longer is not ours
WORDS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file would be larger than this process may write",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.ELOOP: "it is a symbolic link",
}


class CannotWrite(Problem):
    """A file of the session cannot be written; the sign-in itself may be fine."""


def read(path: Path) -> bytes | None:
    """Return the bytes of a private file, or None where there is none.

    Raises `Problem` for a link, a foreign owner, or a mode that lets others read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as e:
        raise Problem(f"Cannot read {path}: {words(e)}.") from e
    with os.fdopen(descriptor, "rb") as file:
        _check_owner(path, os.fstat(descriptor))
        return file.read(LARGEST)


def _check_owner(path: Path, found: os.stat_result) -> None:
    if not hasattr(os, "getuid"):  # Windows: the profile folder's ACL does this
        return
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
        raise Problem(f"{path} is not a file of yours; it is not used.", hint=f"rm {path}")
    if found.st_mode & OTHERS:
        raise Problem(
            f"{path} can be read by others; it is not used.",
            hint=f"Sign in again: rm {path} && labpass login",
        )


def write(path: Path, content: bytes) -> None:
    """Replace a private file in one step. Raises `CannotWrite` with the reason in words."""
    with reserved(path, len(content)) as file:
        file.commit(content)


class Reserved:
    """A temporary file that already has its space; `commit` puts it in place."""

    def __init__(self, path: Path, descriptor: int, temporary: str) -> None:
        self._path = path
        self._descriptor = descriptor
        self._temporary = temporary

    def commit(self, content: bytes) -> None:
        """Write, flush to the disk, rename."""
        with _explained(self._path):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            _write_all(self._descriptor, content)
            os.ftruncate(self._descriptor, len(content))
            os.fsync(self._descriptor)
            Path(self._temporary).replace(self._path)


@contextmanager
def reserved(path: Path, size: int) -> Iterator[Reserved]:
    """Take the space for ``size`` bytes beside ``path`` before anything is asked of a server.

    A refresh token that was rotated and could not be saved is a lost session; so the place to save
    it is there first.
    """
    folder(path.parent)
    with _explained(path):
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with _explained(path):
            _write_all(descriptor, b"\0" * size)
        yield Reserved(path, descriptor, temporary)
    finally:
        os.close(descriptor)
        with suppress(OSError):
            Path(temporary).unlink(missing_ok=True)


def folder(path: Path) -> None:
    """Make a private folder, and make it private when it is ours and is not."""
    with _explained(path):
        for missing in [one for one in (*reversed(path.parents), path) if not one.exists()]:
            missing.mkdir(mode=0o700, exist_ok=True)  # pathlib's parents=True would let others in
        found = path.stat()
        if not hasattr(os, "getuid"):
            return
        if found.st_uid != os.getuid():
            raise CannotWrite(f"{path} belongs to somebody else; nothing is written there.")
        if found.st_mode & OTHERS:
            path.chmod(0o700)


def remove(path: Path) -> None:
    """Delete a file if it is there."""
    with _explained(path):
        path.unlink(missing_ok=True)


def words(error: OSError) -> str:
    """Say an operating system's error as a person would."""
    return WORDS.get(error.errno or 0, error.strerror or type(error).__name__)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise CannotWrite(
            f"Cannot write {path}: {words(e)}.",
            hint="Make room or make it writable, or set LABPASS_HOME to a folder of your own.",
        ) from e


def _write_all(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
