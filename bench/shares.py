"""What bounds the refresh grants: processor time by library, from a profile of every thread.

python -m bench.shares
"""

import os
import pstats
import re
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench import authority, grants

from testbed import waiting

CLIENTS = 4
SECONDS = 8.0
PLACE = re.compile(r"site-packages/(\w+)|src/(labpass_server/\w+)|/python3\.\d+/(?!site-)(\w+)")


def main() -> int:
    """Print the shares."""
    with tempfile.TemporaryDirectory() as folder:
        file, before = Path(folder) / "profile", Path(folder) / "profile.before"
        os.environ["LABPASS_PROFILE"] = str(file)
        wrapper = (sys.executable, "-m", "bench.profiled")
        with authority.running(Path(folder) / "server", wrapper=wrapper) as labpass:
            [subject, _] = grants.of_labpass(labpass, grants.SQLITE)
            _, sessions = grants.load(subject, subject.sessions(CLIENTS), 1.0)
            os.kill(labpass.pid, signal.SIGUSR1)
            waiting.until(before.exists, seconds=10, what="the profile of the start")
            measured, _ = grants.load(subject, sessions, SECONDS)
        shares = _own(pstats.Stats(str(file)))
        shares.subtract(_own(pstats.Stats(str(before))))
    total = sum(shares.values())
    print(f"{CLIENTS} clients on SQLite, RS256, {measured.per_second:.0f} grants/s when profiled\n")
    for name, seconds in shares.most_common(20):
        print(f"{seconds / total:6.1%}  {name}")
    return 0


def _own(stats: pstats.Stats) -> Counter[str]:
    """Return seconds of each library's own code; a built-in function stands by its name."""
    found: Counter[str] = Counter()
    entries = stats.stats  # type: ignore[attr-defined]  # not in typeshed
    for (file, _, name), (_, _, own, _, _) in entries.items():
        place = PLACE.search(file)
        found[next(filter(None, place.groups())) if place else name] += own
    return found


if __name__ == "__main__":
    sys.exit(main())
