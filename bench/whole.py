"""Whole processes: how long from starting a program to its end, programs taking turns."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WARM_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command line with its environment; ``command[0]`` is a path."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Milliseconds."""

    p50: float
    p90: float


def times(programs: Sequence[Program], *, rounds: int) -> dict[str, Spread]:
    """Run each program once a round, so that whatever the machine does meets all of them.

    Raises `RuntimeError` when one ends with anything but 0: a refusal is quick and proves nothing.
    """
    took: dict[str, list[float]] = {program.name: [] for program in programs}
    for number in range(rounds + WARM_UP):
        for program in programs:
            passed = _once(program)
            if number >= WARM_UP:
                took[program.name].append(passed)
    return {name: _spread(each) for name, each in took.items()}


def _once(program: Program) -> float:
    nothing = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, number) for number in range(3)]
    begun = time.perf_counter()
    pid = os.posix_spawn(
        program.command[0], program.command, program.environment, file_actions=actions
    )
    _, status = os.waitpid(pid, 0)
    passed = time.perf_counter() - begun
    os.close(nothing)
    if status:
        raise RuntimeError(f"{program.name} ended with {os.waitstatus_to_exitcode(status)}")
    return passed


def _spread(took: list[float]) -> Spread:
    took.sort()
    return Spread(p50=took[len(took) // 2] * 1000, p90=took[int(len(took) * 0.9)] * 1000)


def memory_mb(pid: int) -> float:
    """Return what a process holds of its own and its share of what it shares (PSS), in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(kilobytes) / 1000


def resident_mb(pid: int) -> float:
    """Return the resident set of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1000


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
