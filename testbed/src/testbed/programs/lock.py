"""One at a time, between processes."""

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

from testbed import files


@contextlib.contextmanager
def held(path: Path, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file at ``path``; ``on_wait`` is called once when somebody else has it.

    The system lets go of the lock when its holder dies, however that happens.
    """
    files.folder(path.parent)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
