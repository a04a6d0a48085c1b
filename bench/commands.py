"""The command line, whole processes: `labpass --help`, and `labpass list` on a real API server."""

import statistics
import time

from bench import whole, withdrawal
from bench.authority import BIN
from bench.table import Row
from bench.whole import Program, Spread

from testbed.desk import Desk
from testbed.document import Document

HELP, LIST = "labpass --help", "labpass list"
PROJECT = "vision"
JOBS = 20
ROUNDS = 20
HELP_MS, LIST_MS = 150, 400
PODS = f"/api/v1/namespaces/{withdrawal.namespace(PROJECT)}/pods"
JOB_NAME = "batch.kubernetes.io/job-name"
REQUESTS: tuple[tuple[str, dict[str, str]], ...] = (
    (f"/apis/batch/v1/namespaces/{withdrawal.namespace(PROJECT)}/jobs", {}),
    (PODS, {"labelSelector": JOB_NAME, "fieldSelector": "status.phase!=Succeeded"}),
    (PODS, {"labelSelector": f"!{JOB_NAME}"}),
)
"""What the list asks the API server."""


def measure(document: Document, alice: Desk) -> tuple[dict[str, Spread], float]:
    """Return the times of both commands, and the API server's own milliseconds for the list."""
    for number in range(JOBS):
        alice.ask("labpass", "submit", f"bench-{number}", "-p", PROJECT, "-i", "busybox")
    labpass, environment = str(BIN / "labpass"), dict(alice.environment)
    programs = (
        Program(name=HELP, command=(labpass, "--help"), environment=environment),
        Program(name=LIST, command=(labpass, "list", "-p", PROJECT), environment=environment),
    )
    spreads = whole.times(programs, rounds=ROUNDS)
    return spreads, _api_server_ms(document, alice)


def rows(spreads: dict[str, Spread], api_server_ms: float) -> list[Row]:
    """Return a row a command."""
    over = spreads[LIST].p50 - api_server_ms
    return [
        Row(
            what=HELP,
            ours=f"{spreads[HELP].p50:.0f} ms (p90 {spreads[HELP].p90:.0f})",
            aim=f"<= {HELP_MS} ms",
            is_met=spreads[HELP].p50 <= HELP_MS,
        ),
        Row(
            what=f"{LIST}, {JOBS} jobs",
            ours=f"{spreads[LIST].p50:.0f} ms (p90 {spreads[LIST].p90:.0f})",
            peer=f"the API server's own time: {api_server_ms:.0f} ms",
            aim=f"<= {LIST_MS} ms over it",
            is_met=over <= LIST_MS,
        ),
    ]


def _api_server_ms(document: Document, alice: Desk) -> float:
    """Return what the same questions take on a connection that is already there."""
    with withdrawal.as_alice(document, alice) as api:
        took = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            for path, params in REQUESTS:
                api.get(path, params=params).raise_for_status()
            took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000
