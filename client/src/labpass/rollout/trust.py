"""Trust on a node: look, plan, apply the safe way, prove.

The distribution says what; this says in which order. Nothing is written before the administrator's
own credential was seen to work, the issuer was seen from here, and the old bytes were kept.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from labpass.problems import CheckFailed, Conflict, Problem
from labpass.rollout import trust_change, trust_file, trust_issuer, trust_server
from labpass.rollout.trust_bundle import Bundle, Canary
from labpass.rollout.trust_change import Report, Window
from labpass.rollout.trust_server import ApiServer
from labpass.trust import proof
from labpass.trust.distribution import Change, Found, Watch
from labpass.trust.findings import Finding, refusals
from labpass.trust.steps import WriteFile, hash_of
from labpass.trust.version import Version

Answer = TypeVar("Answer")
DEADLINE: Final = timedelta(seconds=180)
"""Worst case of a reload: a full check each minute, and a minute for every issuer to be healthy."""
PROOF_PATIENCE: Final = timedelta(seconds=30)
"""The first token fetches the keys, an accepted one is remembered for 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What is changed and looked at: one API server, the file it runs from, where backups go."""

    server: ApiServer
    file: Path
    backups: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an apply did. ``token_accepted_after`` counts from the write; ``backup`` if it wrote."""

    lines: tuple[proof.Line, ...]
    runs_after: timedelta | None = None
    token_accepted_after: timedelta | None = None
    backup: Path | None = None


def find(file: Path, version: Version, server: ApiServer | None) -> Found:
    """Look at the file, and, with a credential, at what the API server runs."""
    present = trust_file.read(file)
    issuer = server.service_account_issuer() if server is not None else None
    return Found(
        version=version,
        files={} if present is None else {str(file): present.text},
        documents={} if present is None else {str(file): present.document},
        runs_from_file=_runs_from(present, version, server),
        service_account_issuers=() if issuer is None else (issuer,),
    )


def _runs_from(
    present: trust_file.Present | None, version: Version, server: ApiServer | None
) -> bool | None:
    """Whether the API server runs exactly these bytes; `None` where nothing tells."""
    if server is None or not version.tells_running_hash:
        return None
    if present is None:
        return False
    return set(server.reloads().hashes) == {hash_of(present.text)}


def apply(change: Change, bundle: Bundle, node: Node, *, now: datetime, report: Report) -> Applied:
    """Carry a change out the safe way, and prove it.

    Raises `Problem` when it is refused, or failed and was given back.
    """
    _refuse(change.findings)
    write = _only_file(change, node)
    name = trust_server.prove_break_glass(node.server, bundle.config.username_prefix)
    report(f"the administrator's credential works, as {name}")
    preflight(bundle, now=now, report=report)
    if change.is_nothing:
        report("nothing to change")
        return Applied(lines=verify(bundle, node, change.watch))
    old = trust_file.read(node.file)
    if old is None or old.text != write.before:
        raise Conflict(f"{node.file} is not what was planned for.", hint="plan again")
    backup = trust_file.back_up(old, node.file, node.backups, now)
    report(f"kept the old file as {backup}")
    confirmed = _Confirmation(bundle=bundle, node=node, watch=change.watch)
    window = Window(
        path=node.file,
        old=old.raw,
        new=write.text.encode(),
        watch=change.watch,
        undone=_watch_for(old, change.watch),
        deadline=DEADLINE,
    )
    started = time.monotonic()
    runs_after = trust_change.carry_out(window, node.server, report, confirm=confirmed.wait)
    return Applied(
        lines=confirmed.lines,
        runs_after=runs_after,
        token_accepted_after=timedelta(seconds=confirmed.at - started),
        backup=backup,
    )


def _watch_for(old: trust_file.Present, watch: Watch) -> Watch:
    running = None if watch.running_hash is None else hash_of(old.text)
    return Watch(running_hash=running, counts_reloads=watch.counts_reloads)


def _only_file(change: Change, node: Node) -> WriteFile:
    """Return the one file to write. Raises `Conflict` where something else has to come first."""
    match change.steps:
        case (WriteFile() as write,):
            return write
        case _:
            raise Conflict(
                f"The API server does not run from {node.file} now, so writing it changes nothing.",
                hint="labpass trust plan shows what goes on its command line, once, with a restart",
            )


def preflight(bundle: Bundle, *, now: datetime, report: Report) -> None:
    """Look at issuer and canary from here. Raises `CheckFailed` with every cause."""
    left = bundle.canary.expires_at - now
    if left < DEADLINE:
        raise CheckFailed(
            f"The canary's tokens end at {bundle.canary.expires_at:%H:%M:%S} UTC: too soon.",
            hint=f"labpass cluster bundle {bundle.cluster}",
        )
    findings = trust_issuer.check(bundle.config, now)
    for finding in findings:
        report(f"{finding.severity}: {finding}")
    _refuse(findings)
    report(f"{bundle.config.issuer} answers, with its own name, keys and clock")


def _refuse(findings: tuple[Finding, ...]) -> None:
    refused = refusals(findings)
    if refused:
        raise CheckFailed(
            "Refused: " + "; ".join(str(one) for one in refused), hint="nothing was changed"
        )


def verify(bundle: Bundle, node: Node, watch: Watch) -> tuple[proof.Line, ...]:
    """Ask everything the proof needs, once."""
    canary = bundle.canary
    expected = proof.Expected(
        username=canary.username, groups=canary.groups, running_hash=watch.running_hash
    )
    return proof.judge(expected, _observe(canary, node.server))


def file_watch(present: trust_file.Present | None, version: Version) -> Watch:
    """Return what must be seen for a file that stands there already."""
    if present is None or not version.tells_running_hash:
        return Watch()
    return Watch(running_hash=hash_of(present.text))


def _observe(canary: Canary, server: ApiServer) -> proof.Observed:
    good = server.bearer(canary.token)
    administrator = server.administrator()
    return proof.Observed(
        canary_status=good.status,
        canary_username=good.username,
        canary_groups=good.groups,
        wrong_audience_status=server.bearer(canary.wrong_audience_token).status,
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
class _Confirmation:
    """Asks until it is proven, and keeps when that was."""

    bundle: Bundle
    node: Node
    watch: Watch
    lines: tuple[proof.Line, ...] = ()
    at: float = 0.0

    def wait(self) -> None:
        """Raise `CheckFailed` with what was not proven in time."""
        end = time.monotonic() + PROOF_PATIENCE.total_seconds()
        while True:
            self.lines = verify(self.bundle, self.node, self.watch)
            self.at = time.monotonic()
            if proof.is_proven(self.lines):
                return
            if self.at > end:
                raise CheckFailed("Not proven: " + "; ".join(failures(self.lines)))
            time.sleep(trust_change.POLL.total_seconds())


def failures(lines: tuple[proof.Line, ...]) -> list[str]:
    """Return in words what was not as it must be."""
    return [
        f"{line.name} should be {line.expected}, is {line.found}"
        for line in lines
        if line.verdict is not proof.Verdict.PASSED and not line.is_optional
    ]
