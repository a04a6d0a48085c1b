"""The safe change of one file that an API server watches: write, see it run, or give it back.

Old bytes come back only inside this window and only over the exact bytes we wrote. Ctrl-C, SIGTERM
and SIGHUP inside the window end in the old state; a killed process leaves the new one, which the
API server takes only when it is sound.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Final

from labpass.problems import Conflict, Interrupted, Problem, TimedOut
from labpass.rollout import trust_file
from labpass.rollout.trust_metrics import Reloads
from labpass.rollout.trust_server import ApiServer
from labpass.trust.distribution import Watch

Report = Callable[[str], None]
POLL: Final = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One change: which file, from which bytes to which, how it is seen, and for how long."""

    path: Path
    old: bytes
    new: bytes
    watch: Watch
    undone: Watch
    deadline: timedelta
    backup: Path | None = None


def carry_out(
    window: Window, server: ApiServer, report: Report, *, confirm: Callable[[], None]
) -> timedelta:
    """Write, wait until it runs, and let ``confirm`` look at it; whatever fails gives it back.

    ``confirm`` raises `Problem` when what runs is not what was meant. Returns how long it took
    until the new configuration ran. Raises what went wrong, after the old bytes are back.
    """
    before = server.reloads()
    with _signals_interrupt():
        written = time.monotonic()
        try:
            trust_file.replace(window.path, window.new, expected=window.old)
            report(f"wrote {window.path}")
            _wait(window, server, before)
            took = timedelta(seconds=time.monotonic() - written)
            report(f"the API server runs it, {took.total_seconds():.1f} s after it was written")
            confirm()
        except BaseException as e:
            _give_back(window, server, report, e)
            raise
    return took


def _wait(window: Window, server: ApiServer, before: Reloads) -> None:
    """Poll the metrics until the new bytes run; a counted failure ends it at once."""
    for reloads in _polls(server, window.deadline):
        if _runs(window.watch, before, reloads):
            return
        if reloads.failures > before.failures:
            raise Conflict(
                "The API server refused the new configuration.",
                hint="its log says why, after 'authentication config'",
            )
    raise TimedOut(
        f"The API server did not run the new configuration within"
        f" {window.deadline.total_seconds():.0f} s.",
        hint="it takes one only when every issuer in it answers; its log says which does not",
    )


def _runs(watch: Watch, before: Reloads, now: Reloads) -> bool:
    if watch.running_hash is not None:
        return bool(now.hashes) and set(now.hashes) == {watch.running_hash}
    return now.successes > before.successes


def _polls(server: ApiServer, deadline: timedelta) -> Iterator[Reloads]:
    """Yield what the metrics say until the deadline; one that does not answer is waited for."""
    end = time.monotonic() + deadline.total_seconds()
    while time.monotonic() < end:
        try:
            yield server.reloads()
        except Problem as e:
            if isinstance(e, Interrupted):
                raise
        time.sleep(POLL.total_seconds())


def _give_back(window: Window, server: ApiServer, report: Report, why: BaseException) -> None:
    """Put the old bytes back and wait until they run again."""
    if not _is_ours(window):
        report(f"{window.path} does not hold what we wrote: it is left alone")
        return
    report(f"giving the old file back: {str(why) or type(why).__name__}")
    try:
        with _signals_wait():
            trust_file.replace(window.path, window.old, expected=window.new)
    except Problem as e:
        report(f"it could NOT be given back: {e.message} The old bytes are in {window.backup}")
        return
    before = _now(server)
    if window.undone.running_hash is None or before is None:
        report("the old file is back; this version does not tell what it runs")
        return
    for reloads in _polls(server, window.deadline):
        if _runs(window.undone, before, reloads):
            report("the old configuration runs")
            return
    report("the old file is back; the API server has not said yet that it runs it")


def _is_ours(window: Window) -> bool:
    """Whether the file holds the exact bytes we wrote, which alone may be taken back."""
    try:
        return window.path.read_bytes() == window.new
    except OSError:
        return False


def _now(server: ApiServer) -> Reloads | None:
    try:
        return server.reloads()
    except Problem:
        return None


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end like Ctrl-C, so that the old bytes come back."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        raise Interrupted(f"Interrupted by {signal.Signals(number).name}.")

    kept = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Hold Ctrl-C and its like back for a moment: a second one must not stop the way back."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    held = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
