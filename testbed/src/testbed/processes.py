"""Processes that are recorded before they run, so that they can be ended after any crash.

Every program starts through a three-line shell script that writes its own process id and start
time into the state directory and only then becomes the program. There is no moment in which a
program runs and is not on record, even when ``up`` is killed between two system calls. `close`
renames the folder of records first: a script that has not recorded itself yet then fails to, and
never becomes a program.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testbed import files
from testbed.problems import Problem

_RECORD_AND_BECOME = (
    "umask 077; "
    '{ echo $$; cat /proc/$$/stat 2>/dev/null || ps -o lstart= -p $$; } > "$0.new" '
    '&& mv "$0.new" "$0" && exec "$@"'
)
_GRACE_SECONDS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One recorded process; ``born`` tells it from a later one with the same id."""

    name: str
    pid: int
    born: str

    def is_running(self) -> bool:
        """Whether this very process still runs; one that ended and waits to be reaped does not."""
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        return _born(self.pid) == self.born

    def signal(self, number: signal.Signals, *, group: bool = True) -> None:
        """Send to the process and, as a rule, to its group, if it is still the one on record."""
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(self.pid, number)


class Processes:
    """The processes of one state directory, in the order they were started."""

    def __init__(self, state: Path) -> None:
        self._open = state / "processes"
        self._closed = state / "processes.closed"

    def open(self) -> None:
        """Make the folder of records; without it, and so after `close`, nothing can start."""
        files.folder(self._open)

    def start(
        self, name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str]
    ) -> None:
        """Start ``command`` in its own session, words to ``log``, with ``environment`` alone."""
        record = self._open / f"{time.time_ns()}-{name}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", _RECORD_AND_BECOME, str(record), *command],
            dict(environment),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            setsigmask=(),
            # Python ignores SIGPIPE, a shell may ignore others: a program starts without either.
            setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE),
        )

    def recorded(self) -> tuple[Process, ...]:
        """Return every recorded process, oldest first, running or not."""
        records = [*self._records(self._closed), *self._records(self._open)]
        return tuple(_parse(record) for record in sorted(records, key=lambda path: path.name))

    def find(self, name: str) -> Process | None:
        """Return the newest process of that name."""
        return next(
            (process for process in reversed(self.recorded()) if process.name == name), None
        )

    def close(self) -> None:
        """End what is on record, databases last, and let nothing new come onto it.

        An API server that has lost its database may ignore SIGTERM for minutes.
        """
        self._rename()
        found = self.recorded()
        databases = tuple(process for process in found if process.name.endswith("etcd"))
        for wave in (tuple(process for process in found if process not in databases), databases):
            for process in wave:
                process.signal(signal.SIGTERM)
            for process in wave:
                _insist(process, grace=_GRACE_SECONDS, group=True)
        shutil.rmtree(self._closed, ignore_errors=True)

    def _rename(self) -> None:
        if self._closed.exists():  # an earlier `close` was interrupted
            for record in self._records(self._open):
                record.rename(self._closed / record.name)
            shutil.rmtree(self._open, ignore_errors=True)
        elif self._open.exists():
            self._open.rename(self._closed)

    @staticmethod
    def _records(folder: Path) -> list[Path]:
        return [path for path in folder.glob("[0-9]*-*") if path.suffix != ".new"]


def end(process: Process, *, grace: float = _GRACE_SECONDS, group: bool = True) -> None:
    """Ask the process to end, then insist; returns when it has ended."""
    process.signal(signal.SIGTERM, group=group)
    _insist(process, grace=grace, group=group)


def _insist(process: Process, *, grace: float, group: bool) -> None:
    if not _ended(process, seconds=grace):
        process.signal(signal.SIGKILL, group=group)
        if not _ended(process, seconds=5.0):
            raise Problem(f"{process.name} (process {process.pid}) does not end")


def record_myself(record: Path) -> None:
    """Write this process to a record outside the folder of started ones."""
    files.write(record, f"{os.getpid()}\n{_raw(os.getpid())}\n")


def read(record: Path) -> Process | None:
    """Return the process that wrote itself to ``record``; None when there is no such file."""
    return _parse(record) if record.exists() else None


def _ended(process: Process, *, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while process.is_running():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _parse(record: Path) -> Process:
    pid, _, born = record.read_text().partition("\n")
    return Process(
        name=record.name.partition("-")[2] or record.name, pid=int(pid), born=_identity(born)
    )


def _born(pid: int) -> str:
    """Return when the process was born, as the system tells it; empty when it does not run."""
    return _identity(_raw(pid))


def _raw(pid: int) -> str:
    if Path("/proc/self/stat").exists():
        try:
            return Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, born = found.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else born


def _identity(raw: str) -> str:
    """Return the start time in a line of /proc/PID/stat (proc(5), field 22) or of ps."""
    if not raw[:1].isdigit():
        return " ".join(raw.split())
    fields = raw.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]
