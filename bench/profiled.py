"""labpass-server with a profiler in each thread.

    LABPASS_PROFILE=FILE python -m bench.profiled serve ...

Writes what they saw to FILE when it stops, and to FILE.before whenever it gets SIGUSR1, so that the
start can be left out. cProfile sees one thread, and the work of this server is done by several.
Counted is processor time, not waiting.
"""

import cProfile
import os
import pstats
import signal
import threading
import time

from labpass_server import __main__ as server

_profiles: list[cProfile.Profile] = []
_run = threading.Thread.run


def _profiled(thread: threading.Thread) -> None:
    profile = cProfile.Profile(time.thread_time)
    _profiles.append(profile)
    profile.runcall(_run, thread)


def _dump(file: str) -> None:
    together: pstats.Stats | None = None
    for each in _profiles:
        each.snapshot_stats()
        if each.stats:
            together = pstats.Stats(each) if together is None else together.add(each)
    if together is not None:
        together.dump_stats(file)


def main() -> None:
    """Run the server's own command line."""
    file = os.environ["LABPASS_PROFILE"]
    signal.signal(signal.SIGUSR1, lambda _number, _frame: _dump(f"{file}.before"))
    setattr(threading.Thread, "run", _profiled)  # noqa: B010 - every thread from here on
    profile = cProfile.Profile(time.thread_time)
    _profiles.append(profile)
    try:
        profile.runcall(server.main)
    finally:
        _dump(file)


if __name__ == "__main__":
    main()
