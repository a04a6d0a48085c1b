"""The numbers of the README: one table, peers in the same run, JSON beside it.

    make bench                      everything, some five minutes
    python -m bench.run plugin      one part; see PARTS

Loopback alone, bounded in number and time. A peer that cannot be had here is named as missing.
"""

import argparse
import contextlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import authority, commands, grants, peers, people, plugin, table, whole, withdrawal
from bench.table import Row

from testbed import lifecycle
from testbed.problems import Problem
from testbed.programs import find
from testbed.version import DEFAULT

RESULTS = Path(__file__).with_name("results.json")
IDLE_MB = 120
SECONDS = 2.0


@dataclass(slots=True)
class Run:
    """What was measured so far."""

    root: Path
    rows: list[Row] = field(default_factory=list)
    details: dict[str, object] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def on_the_laptop(self) -> None:
        """The plugin, and the server at rest while it is still fresh."""
        with contextlib.ExitStack() as stack:
            labpass = stack.enter_context(authority.running(self.root / "laptop"))
            self.rows += [
                _idle("just started", labpass.fresh_mb),
                _idle("after signing people in", whole.resident_mb(labpass.pid)),
            ]
            dex = None
            try:
                dex = stack.enter_context(peers.dex(self.root / "laptop-dex"))
            except Problem as problem:
                self.missing.append(f"Dex, and kubelogin by it: {problem}")
            spreads = plugin.measure(self.root, labpass, dex)
        self.rows += plugin.rows(spreads)
        self.details["plugin"] = {name: asdict(one) for name, one in spreads.items()}

    def on_the_server(self) -> None:
        """Refresh grants."""
        with grants.servers(self.root / "grants", missing=self.missing) as subjects:
            measured = grants.measure(subjects, seconds=SECONDS)
        self.rows += grants.rows(measured)
        self.details["grants"] = [asdict(one) for one in measured]

    def on_a_cluster(self) -> None:
        """The command line and the withdrawal of rules, with a real API server."""
        wanted = lifecycle.Wanted(state=self.root / "testbed", programs=find.programs(DEFAULT))
        with lifecycle.running(wanted) as document:
            alice = people.seat(document, self.root / "people", "alice")
            dana = people.seat(document, self.root / "people", "dana")
            spreads, api_server_ms = commands.measure(document, alice)
            self.rows += commands.rows(spreads, api_server_ms)
            self.details["commands"] = {name: asdict(one) for name, one in spreads.items()}
            took = withdrawal.measure(document, dana, alice)
        self.rows += withdrawal.rows(took)
        self.details["withdrawal_seconds"] = took


PARTS: Mapping[str, Callable[[Run], None]] = {
    "laptop": Run.on_the_laptop,
    "server": Run.on_the_server,
    "cluster": Run.on_a_cluster,
}


def main() -> int:
    """Measure, print the table, write the JSON; 0 whether or not an aim was met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all unless named")
    chosen = parser.parse_args().parts or list(PARTS)
    with tempfile.TemporaryDirectory(prefix="labpass-bench-") as folder:
        run = Run(root=Path(folder))
        for name in chosen:
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            PARTS[name](run)
    run.details["machine"] = _machine()
    table.save(RESULTS, run.rows, run.details)
    print(table.show(run.rows))
    for words in run.missing:
        print(f"missing: {words}")
    print(f"\n{_machine()}; details in {RESULTS.relative_to(Path.cwd())}")
    return 0


def _idle(when: str, megabytes: float) -> Row:
    return Row(
        what=f"memory of the idle server, {when}",
        ours=f"{megabytes:.0f} MB resident",
        aim=f"<= {IDLE_MB} MB",
        is_met=megabytes <= IDLE_MB,
    )


def _machine() -> str:
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} processors, load {load:.1f} at the end, Python {python}"


if __name__ == "__main__":
    sys.exit(main())
