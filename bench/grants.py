"""Refresh grants a second: ours on SQLite and PostgreSQL, RS256 and ES256, and Dex beside them."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench import authority, peers, whole
from bench.authority import ALGORITHMS, Labpass, Sessions
from bench.table import Row

from testbed.problems import Problem

CLIENTS = (1, 4, 16)
TURNS = 3
WARM_UP = 0.5
LOAD = Path(__file__).with_name("load.py")
SQLITE, POSTGRESQL, DEX = "SQLite", "PostgreSQL", "Dex"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A running server that can be put under load."""

    server: str
    algorithm: str
    pid: int
    sessions: Callable[[int], Sessions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One server under one load; processor time is the server's, the database's not counted."""

    server: str
    algorithm: str
    clients: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms_each: float
    load_cpu_ms_each: float


@contextlib.contextmanager
def servers(root: Path, *, missing: list[str]) -> Iterator[list[Subject]]:
    """Start all that can be had here; ``missing`` is told what cannot, and why.

    They run side by side and are loaded one after the other, so that a busy minute of the machine
    meets each of them; a server without load takes no processor.
    """
    with contextlib.ExitStack() as stack:
        found = []
        with _or_missing("Dex", missing):
            dex = stack.enter_context(peers.dex(root / "dex"))
            found.append(Subject(server=DEX, algorithm="RS256", pid=dex.pid, sessions=dex.sessions))
        found += of_labpass(stack.enter_context(authority.running(root / "sqlite")), SQLITE)
        with _or_missing("PostgreSQL", missing):
            url = stack.enter_context(authority.postgresql())
            server = stack.enter_context(authority.running(root / "postgresql", database=url))
            found += of_labpass(server, POSTGRESQL)
        yield found


def measure(subjects: list[Subject], *, seconds: float) -> list[Measured]:
    """Put every server under every number of clients, in turns; return the median turn of each."""
    return [one for clients in CLIENTS for one in _turns(subjects, clients, seconds)]


def _turns(subjects: list[Subject], clients: int, seconds: float) -> list[Measured]:
    sessions = [one.sessions(clients) for one in subjects]
    turns: list[list[Measured]] = [[] for _ in subjects]
    for _ in range(TURNS):
        for number, one in enumerate(subjects):
            measured, sessions[number] = load(one, sessions[number], seconds)
            turns[number].append(measured)
    return [sorted(each, key=lambda turn: turn.per_second)[TURNS // 2] for each in turns]


def rows(measured: list[Measured]) -> list[Row]:
    """Return a row a load; each beside Dex under the same number of clients."""
    dex = {one.clients: one for one in measured if one.server == DEX}
    ours = [one for one in measured if one.server != DEX]
    return [_row(one, dex.get(one.clients)) for one in ours]


def _row(one: Measured, peer: Measured | None) -> Row:
    ratio = one.per_second / peer.per_second if peer else None
    return Row(
        what=f"refresh grants, {one.server}, {one.algorithm}, {one.clients} at once",
        ours=f"{one.per_second:.0f}/s, p99 {one.p99_ms:.0f} ms, {one.cpu_ms_each:.1f} ms of cpu",
        peer=(
            f"Dex {peers.DEX}, SQLite, RS256: {peer.per_second:.0f}/s, p99 {peer.p99_ms:.0f} ms"
            if peer
            else ""
        ),
        ratio=ratio,
        aim=">= 1x",
        is_met=None if ratio is None else ratio >= 1,
    )


def of_labpass(labpass: Labpass, server: str) -> list[Subject]:
    """Return a running server of ours once for each algorithm."""
    return [
        Subject(
            server=server,
            algorithm=algorithm,
            pid=labpass.pid,
            sessions=partial(labpass.sessions, algorithm),
        )
        for algorithm in ALGORITHMS
    ]


def load(one: Subject, sessions: Sessions, seconds: float) -> tuple[Measured, Sessions]:
    """Put one server under load; return the sessions as they are afterwards, to go on with."""
    spec = {**asdict(sessions), "warm_up": WARM_UP, "seconds": seconds}
    used = whole.cpu_seconds(one.pid)
    result = _run(spec)
    used = whole.cpu_seconds(one.pid) - used
    measured = Measured(
        server=one.server,
        algorithm=one.algorithm,
        clients=len(sessions.tokens),
        per_second=result["per_second"],
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
        cpu_ms_each=used * 1000 / result["all_grants"],
        load_cpu_ms_each=result["cpu_seconds"] * 1000 / result["all_grants"],
    )
    return measured, replace(sessions, tokens=result["tokens"])


def _run(spec: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, str(LOAD)]
    done = subprocess.run(
        command, input=json.dumps(spec), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the load ended early:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@contextlib.contextmanager
def _or_missing(what: str, missing: list[str]) -> Iterator[None]:
    try:
        yield
    except (Problem, ImportError) as problem:
        missing.append(f"{what}: {problem}")
