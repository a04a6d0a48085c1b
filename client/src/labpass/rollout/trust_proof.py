"""The proof, asked of a real API server: once, or until it comes out as it must."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from labpass.problems import CheckFailed, Problem
from labpass.rollout import trust_change, trust_file
from labpass.rollout.trust_bundle import Bundle, Canary
from labpass.rollout.trust_server import ApiServer
from labpass.trust import proof
from labpass.trust.distribution import Watch
from labpass.trust.steps import hash_of
from labpass.trust.version import Version

Answer = TypeVar("Answer")
PATIENCE: Final = timedelta(seconds=30)
"""The first token fetches the keys, an accepted one is remembered for 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What is changed and looked at: one API server, the file it runs from, where backups go."""

    server: ApiServer
    file: Path
    backups: Path


def verify(bundle: Bundle, node: Node, watch: Watch) -> tuple[proof.Line, ...]:
    """Ask everything the proof of trust needs, once."""
    canary = bundle.canary
    expected = proof.Expected(
        username=canary.username, groups=canary.groups, running_hash=watch.running_hash
    )
    return proof.judge(expected, _observe(canary, node.server))


def verify_gone(bundle: Bundle, node: Node, watch: Watch, now: datetime) -> tuple[proof.Line, ...]:
    """Ask everything the proof needs that trust was taken back.

    A canary whose tokens are over is not asked: it would be refused anyway.
    """
    canary = bundle.canary if bundle.canary.expires_at > now else None
    return proof.judge_gone(watch.running_hash, _observe(canary, node.server))


def file_watch(present: trust_file.Present | None, version: Version) -> Watch:
    """Return what must be seen for a file that stands there already."""
    if present is None or not version.tells_running_hash:
        return Watch()
    return Watch(running_hash=hash_of(present.text))


def _observe(canary: Canary | None, server: ApiServer) -> proof.Observed:
    good = None if canary is None else server.bearer(canary.token)
    wrong = None if canary is None else server.bearer(canary.wrong_audience_token)
    administrator = server.administrator()
    return proof.Observed(
        canary_status=None if good is None else good.status,
        canary_username=None if good is None else good.username,
        canary_groups=() if good is None else good.groups,
        wrong_audience_status=None if wrong is None else wrong.status,
        nonsense_is_allowed=_tried(server.lets_nobody_in),
        break_glass_username=administrator.username,
        break_glass_status=administrator.status,
        running_hashes=_tried(lambda: server.reloads().hashes) or (),
    )


def _tried(ask: Callable[[], Answer]) -> Answer | None:
    """Return an answer, or `None` where there was none: that is no proof, and no crash."""
    try:
        return ask()
    except Problem:
        return None


@dataclass(slots=True, kw_only=True)
class Confirmation:
    """Asks until it is proven, and keeps when that was."""

    ask: Callable[[], tuple[proof.Line, ...]]
    lines: tuple[proof.Line, ...] = ()
    at: float = 0.0

    def wait(self) -> None:
        """Raise `CheckFailed` with what was not proven in time."""
        end = time.monotonic() + PATIENCE.total_seconds()
        while True:
            self.lines = self.ask()
            self.at = time.monotonic()
            if proof.is_proven(self.lines):
                return
            if self.at > end:
                raise CheckFailed("Not proven: " + "; ".join(_failures(self.lines)))
            time.sleep(trust_change.POLL.total_seconds())


def _failures(lines: tuple[proof.Line, ...]) -> list[str]:
    """Return in words what was not as it must be."""
    return [
        f"{line.name} should be {line.expected}, is {line.found}"
        for line in lines
        if line.verdict is not proof.Verdict.PASSED and not line.is_optional
    ]
