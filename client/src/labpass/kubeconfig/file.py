"""A kubeconfig on disk: which file, kubectl's own lock, whole or not at all.

The lock is the one kubectl takes (``<file>.lock``, made with O_EXCL). The new text is written
beside the file and renamed over it; its mode stays, and a symbolic link stays one. What is already
as it should be is not written.
"""

import errno
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from labpass.kubeconfig import parsing
from labpass.problems import Problem, TimedOut

WAIT: Final = 10.0
POLL: Final = 0.05
STALE: Final = 300.0  # kind takes an older lock for one left behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an edit does to a file: its text before and after; equal when nothing changes."""

    path: Path
    before: bytes
    after: bytes


def choose(environment: Mapping[str, str], given: Path | None, names: set[str]) -> Path:
    """Return the file to write.

    The given one, else of $KUBECONFIG the one that already holds one of these contexts, else its
    first, else ~/.kube/config.
    """
    if given is not None:
        return given
    listed = [Path(p) for p in environment.get("KUBECONFIG", "").split(os.pathsep) if p]
    for path in listed:
        with suppress(Problem):
            held = {entry.get("name") for entry in (load(path) or {}).get("contexts") or []}
            if held & names:
                return path
    return listed[0] if listed else Path(environment.get("HOME", "~")).expanduser() / ".kube/config"


def load(path: Path) -> dict[str, Any] | None:
    """Return the document in a file; None where there is no file or nothing in it."""
    raw = _read(path)
    return _parse(path, raw) if raw.strip() else None


def preview(path: Path, edit: Callable[[dict[str, Any]], bool]) -> Change:
    """Return what ``edit`` would do to a file. It changes the document and says whether it did."""
    before = _read(path)
    found: dict[str, Any] = _parse(path, before) if before.strip() else {}
    return Change(path=path, before=before, after=parsing.render(found) if edit(found) else before)


def change(path: Path, edit: Callable[[dict[str, Any]], bool]) -> bool:
    """Apply ``edit`` to a file under kubectl's lock. False when there was nothing to write."""
    with _explained(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        real = path.resolve()
        with _lock(real):
            made = preview(real, edit)
            if made.after == made.before:
                return False
            write(real, made.after)
    return True


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step; a new one is private, an old one keeps its mode."""
    with _explained(path):
        found = path.stat() if path.exists() else None
        mode = found.st_mode & 0o7777 if found else 0o600
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".kubeconfig-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if found and hasattr(os, "geteuid") and os.geteuid() == 0:
                os.chown(temporary, found.st_uid, found.st_gid)  # sudo must not take it over
            Path(temporary).chmod(mode)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold the lock that kubectl takes. client-go gives up at once; we wait."""
    lock = path.with_name(f"{path.name}.lock")
    deadline = time.monotonic() + WAIT
    while True:
        try:
            os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            _wait(lock, deadline)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _wait(lock: Path, deadline: float) -> None:
    with suppress(FileNotFoundError):
        if time.time() - lock.stat().st_mtime > STALE:  # noqa: TID251 -- compared with a file's time
            lock.unlink()
            return
    if time.monotonic() >= deadline:
        raise TimedOut(f"Another program holds {lock}.", hint=f"If none does: rm {lock}")
    time.sleep(POLL)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(parsing.LARGEST + 1)
    except FileNotFoundError:
        return b""
    except OSError as e:
        raise Problem(f"Cannot read {path}: {e.strerror}.") from e


def _parse(path: Path, raw: bytes) -> Any:
    try:
        return parsing.parse(raw)
    except parsing.Unreadable as e:
        raise Problem(f"{path} cannot be used: {e}.") from e


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as e:
        full = "the disk is full" if e.errno in {errno.ENOSPC, errno.EDQUOT} else e.strerror
        raise Problem(f"Cannot write {path}: {full}.", hint="Nothing was changed.") from e
