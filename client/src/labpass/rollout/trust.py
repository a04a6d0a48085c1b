"""Trust on a node: look, plan, apply or undo the safe way, prove.

The distribution says what; this says in which order. Nothing is written before the administrator's
own credential was seen to work, the issuer was seen from here, and the old bytes were kept.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from labpass.problems import CheckFailed, Conflict
from labpass.rollout import (
    trust_change,
    trust_file,
    trust_issuer,
    trust_place,
    trust_proof,
    trust_server,
)
from labpass.rollout.trust_bundle import Bundle
from labpass.rollout.trust_change import Report, Window
from labpass.rollout.trust_proof import Confirmation, Node
from labpass.rollout.trust_server import ApiServer
from labpass.trust import proof
from labpass.trust.distribution import Change, Found, Watch
from labpass.trust.findings import Finding, refusals
from labpass.trust.steps import WriteFile, hash_of
from labpass.trust.version import Version

DEADLINE: Final = timedelta(seconds=180)
"""Worst case of a reload: a full check each minute, and a minute for every issuer to be healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was done. ``proven_after`` counts from the write; ``backup`` if there was one."""

    lines: tuple[proof.Line, ...]
    runs_after: timedelta | None = None
    proven_after: timedelta | None = None
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
    _prove_break_glass(bundle, node, report)
    preflight(bundle, now=now, report=report)
    confirmed = Confirmation(ask=lambda: trust_proof.verify(bundle, node, change.watch))
    return _carry_out(Task(change=change, write=write, confirmed=confirmed), node, now, report)


def undo(change: Change, bundle: Bundle, node: Node, *, now: datetime, report: Report) -> Applied:
    """Take our entry out the same safe way, and prove that the canary is nobody any more.

    The issuer is not asked: it may be gone, which is a reason to undo.
    """
    _refuse(change.findings)
    write = _only_file(change, node)
    _prove_break_glass(bundle, node, report)
    confirmed = Confirmation(ask=lambda: trust_proof.verify_gone(bundle, node, change.watch, now))
    return _carry_out(Task(change=change, write=write, confirmed=confirmed), node, now, report)


def _prove_break_glass(bundle: Bundle, node: Node, report: Report) -> None:
    name = trust_server.prove_break_glass(node.server, bundle.config.username_prefix)
    report(f"the administrator's credential works, as {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to write, and how it is seen to have had the effect that was meant."""

    change: Change
    write: WriteFile
    confirmed: Confirmation


def _carry_out(task: Task, node: Node, now: datetime, report: Report) -> Applied:
    """Keep the old bytes, write, watch, confirm; alone, and where nobody else can write."""
    change, confirmed = task.change, task.confirmed
    if change.is_nothing:
        report("nothing to change")
        return Applied(lines=confirmed.ask())
    trust_place.check_file(node.file)
    trust_place.check_folder(node.backups)
    with trust_place.alone(node.file):
        old = trust_file.read(node.file)
        if old is None or old.text != task.write.before:
            raise Conflict(f"{node.file} is not what was planned for.", hint="plan again")
        backup = trust_file.back_up(old, node.file, node.backups, now)
        report(f"kept the old file as {backup}")
        window = Window(
            path=node.file,
            old=old.raw,
            new=task.write.text.encode(),
            watch=change.watch,
            undone=_watch_for(old, change.watch),
            deadline=DEADLINE,
            backup=backup,
        )
        started = time.monotonic()
        runs_after = trust_change.carry_out(window, node.server, report, confirm=confirmed.wait)
    return Applied(
        lines=confirmed.lines,
        runs_after=runs_after,
        proven_after=timedelta(seconds=confirmed.at - started),
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
