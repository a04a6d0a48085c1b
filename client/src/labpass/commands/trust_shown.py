"""How plans, proofs and what was done are shown."""

from datetime import timedelta

import click

from labpass.commands import output
from labpass.commands.output import Format
from labpass.rollout.trust import Applied
from labpass.trust import proof, steps
from labpass.trust.distribution import Change
from labpass.trust.findings import Severity


def change(plan: Change, cluster: str, form: Format, *, back: str) -> None:
    """Print a plan; ``back`` is what undoes it later."""
    if form is not Format.TEXT:
        document = {"cluster": cluster, **plan.to_document()}
        output.show_document(document, output=form)
        return
    for step in plan.steps:
        click.echo("\n".join(steps.lines(step)))
    for line in _effect(plan, back):
        output.words(line)
    findings(plan)


def findings(plan: Change) -> None:
    """Say what speaks against a plan."""
    for finding in plan.findings:
        mark = "REFUSED" if finding.severity is Severity.REFUSED else "warning"
        output.words(f"{mark}: {finding}")


def _effect(plan: Change, back: str) -> list[str]:
    effect = plan.effect
    if plan.is_nothing:
        return ["Nothing to change: it stands there as wanted."]
    away = f"about {effect.away.seconds} s" if effect.away else "0 s"
    return [
        f"How:    {effect.how}, within {effect.within.seconds} s",
        f"No API: {away}",
        f"Known:  {plan.evidence.proof}: {plan.evidence.seen_on}",
        f"Back:   the old bytes by themselves when it is not healthy; later: {back}",
    ]


def applied(done: Applied, form: Format) -> None:
    """Print what was done, and its proof."""
    if form is not Format.TEXT:
        document = {
            **_document(done.lines),
            "runs_after_seconds": _seconds(done.runs_after),
            "token_accepted_after_seconds": _seconds(done.proven_after),
            "backup": None if done.backup is None else str(done.backup),
        }
        output.show_document(document, output=form)
        return
    lines(done.lines, form)
    if done.proven_after is not None:
        output.words(f"From written to proven: {done.proven_after.total_seconds():.1f} s")


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 2)


def _document(seen: tuple[proof.Line, ...]) -> dict[str, object]:
    return {"proven": proof.is_proven(seen), "proof": [line.to_document() for line in seen]}


def lines(seen: tuple[proof.Line, ...], form: Format) -> None:
    """Print a proof, line by line."""
    if form is not Format.TEXT:
        output.show_document(_document(seen), output=form)
        return
    width = max(len(line.name) for line in seen)
    for line in seen:
        click.echo(_proof_line(line, width))
    click.echo("proven" if proof.is_proven(seen) else "NOT proven")


def _proof_line(line: proof.Line, width: int) -> str:
    text = f"{line.verdict:<8}  {line.name:<{width}}  {output.plain(line.found)}"
    if line.verdict is proof.Verdict.FAILED:
        text += f"   (expected: {output.plain(line.expected)})"
    return text
