"""Up, status, down: the life of one testbed in its state directory."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from testbed import document, files, furnished, processes, side_by_side
from testbed.cluster import bring_up
from testbed.problems import Problem
from testbed.programs import Programs
from testbed.version import DEFAULT, Version

_MARKER = "testbed"
_DOCUMENT = "document.json"
_OWNER = "owner"
_OWNER_GRACE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to bring up, and where."""

    state: Path
    programs: Programs
    version: Version = DEFAULT
    clusters: int = 1
    bare: bool = False


def up(wanted: Wanted) -> document.Document:
    """Bring a testbed up and return where everything is, or leave nothing of it running.

    Leftovers of a crashed run in the same directory are taken down first. Raises `Problem` when a
    testbed is up there already, or when the directory holds anything else.
    """
    _claim(wanted.state)
    running = processes.Processes(wanted.state)
    running.open()
    try:
        found = _bare(wanted, running) if wanted.bare else _whole(wanted, running)
        files.write(wanted.state / _DOCUMENT, document.render(found))
    except BaseException:
        _take_down(wanted.state, keep_logs=True)
        raise
    return found


def find(state: Path) -> document.Document | None:
    """Return the document of the testbed in ``state``; None when none was brought up there."""
    path = state / _DOCUMENT
    return document.parse(path.read_text()) if path.exists() else None


def status(state: Path) -> tuple[tuple[str, int, bool], ...]:
    """Return name, process id and whether it runs, for every process on record, oldest first."""
    found = processes.Processes(state).recorded()
    return tuple((process.name, process.pid, process.is_running()) for process in found)


def down(state: Path, *, keep_logs: bool = False) -> bool:
    """End exactly what `up` started in ``state`` and remove it; False when there was nothing.

    An ``up`` that is still at work there is told to stop first. Works after any crash of ``up``.
    """
    if not (state / _MARKER).exists():
        return False
    owner = processes.read(state / _OWNER)
    if owner and owner.pid != os.getpid():
        processes.end(owner, grace=_OWNER_GRACE_SECONDS, group=False)
    _take_down(state, keep_logs=keep_logs)
    return True


def is_abandoned(state: Path) -> bool:
    """Whether the program that brought this testbed up, and was to take it down, is gone."""
    owner = processes.read(state / _OWNER)
    return owner is not None and not owner.is_running()


@contextlib.contextmanager
def running(wanted: Wanted) -> Iterator[document.Document]:
    """Keep a testbed up for the length of a ``with`` block."""
    found = up(wanted)
    try:
        yield found
    finally:
        _take_down(wanted.state, keep_logs=False)


def _claim(state: Path) -> None:
    if state.exists() and any(state.iterdir()) and not (state / _MARKER).exists():
        raise Problem(f"{state} holds something else; give --state another folder")
    owner = processes.read(state / _OWNER)
    if owner and owner.is_running():
        raise Problem(f"another `testbed up` (process {owner.pid}) is at work in {state}")
    lives = [is_running for _, _, is_running in status(state)]
    if (state / _DOCUMENT).exists() and any(lives) and all(lives):
        raise Problem(f"a testbed is up in {state}; `testbed down --state {state}` ends it")
    if (state / _MARKER).exists():
        _take_down(state, keep_logs=False)
    files.folder(state)
    files.write(state / _MARKER, "The state of a running testbed; `testbed down` removes it.\n")
    processes.record_myself(state / _OWNER)


def _bare(wanted: Wanted, running_: processes.Processes) -> document.Document:
    return document.Document(state=wanted.state, clusters=_clusters(wanted, running_))


def _whole(wanted: Wanted, running_: processes.Processes) -> document.Document:
    """Start the server while the clusters start, then bring them together."""
    house = furnished.house(wanted.state, wanted.programs)
    with side_by_side.pool(1, running_) as pool:
        labpass = pool.submit(furnished.start, house, running_)
        clusters = _clusters(wanted, running_)
        return furnished.furnish(house, labpass.result(), clusters, processes=running_)


def _clusters(wanted: Wanted, running_: processes.Processes) -> tuple[document.Cluster, ...]:
    """Bring the clusters up side by side."""
    machine = bring_up.Machine(
        programs=wanted.programs, processes=running_, environment=_environment(wanted.state)
    )

    def one(number: int) -> document.Cluster:
        name = f"cluster-{number}"
        return bring_up.bring_up(name, wanted.state / name, version=wanted.version, machine=machine)

    with side_by_side.pool(wanted.clusters, running_) as pool:
        return tuple(pool.map(one, range(1, wanted.clusters + 1)))


def _environment(state: Path) -> dict[str, str]:
    """Return what the programs see of this machine: no proxy, no kubeconfig, nobody's home."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(state), "LANG": "C.UTF-8"}


def _take_down(state: Path, *, keep_logs: bool) -> None:
    processes.Processes(state).close()
    if not keep_logs:
        shutil.rmtree(state, ignore_errors=True)
        return
    for path in (state / _DOCUMENT, state / _OWNER):
        path.unlink(missing_ok=True)
