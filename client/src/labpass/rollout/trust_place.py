"""Is the place safe to write at, and are we alone there?

What an API server believes is decided by whoever can write its file, or swap a folder above it for
a link. So every folder on the way must belong to root or to us, and nobody else may write in it.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from labpass.problems import Conflict, Problem

try:
    import fcntl
except ImportError:  # Windows: there is no API server to change there
    fcntl = None  # type: ignore[assignment]  # plans are shown there all the same

OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def check_file(path: Path) -> None:
    """Raise `Problem` where somebody else could write this file or swap a folder above it."""
    real = path.resolve()
    if real.exists():
        _check(real, real.stat(), is_above=False)
    check_folder(real.parent)


def check_folder(folder: Path) -> None:
    """Raise `Problem` where somebody else could write in this folder or swap one above it.

    What is not there yet is made by us; the folders above it count.
    """
    real = folder.resolve()
    if real.exists():
        _check(real, real.stat(), is_above=False)
    for above in real.parents:
        if above.exists():
            _check(above, above.stat(), is_above=True)


def _check(path: Path, found: os.stat_result, *, is_above: bool) -> None:
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid not in {0, os.geteuid()}:
        raise Problem(
            f"{path} belongs to somebody else, who could choose whom the cluster believes.",
            hint=f"Nothing was changed. As root: chown root {path}",
        )
    is_sticky = (
        is_above and found.st_mode & stat.S_ISVTX
    )  # as /tmp: only owners swap what is theirs
    if found.st_mode & OTHERS and not is_sticky:
        raise Problem(
            f"{path} can be written by others, who could choose whom the cluster believes.",
            hint=f"Nothing was changed. Take that away: chmod go-w {path}",
        )


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the file's folder for ourselves: of two changes at once the second is told to wait.

    The lock lies on the folder itself, so nothing new appears where an API server or a kubelet
    watches; it ends with the process, however that ends.
    """
    if fcntl is None:
        yield
        return
    try:
        descriptor = os.open(path.resolve().parent, os.O_RDONLY)
    except OSError as e:
        raise Problem(f"Cannot read {path.parent}: {e.strerror}.") from e
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as e:
        raise Conflict(
            f"Another labpass is changing {path} now.", hint="Wait for its end, then plan again."
        ) from e
    finally:
        os.close(descriptor)
