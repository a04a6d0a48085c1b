"""`labpass describe`: one job, its pods, and what happened to it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import click

from labpass.commands import output, refused, surroundings, workplace
from labpass.commands.output import Format
from labpass.workloads import describe as describing
from labpass.workloads.kinds import age, row, state
from labpass.workloads.kinds.document import items, number, text

FORMATS: Final = (Format.TEXT, Format.JSON, Format.YAML)


@click.command()
@click.argument("name")
@workplace.option_project
@workplace.option_cluster
@output.option(FORMATS)
@click.pass_context
def describe(
    ctx: click.Context, name: str, project: str | None, cluster: str | None, output: Format
) -> None:
    """Show one job: its state, pods and events."""
    here, found = workplace.holding(ctx, name, project=project, cluster=cluster)
    with refused.explained(here), here.connect() as api:
        told = describing.describe(api, found, here.place)
    _show(told, output, now=surroundings.of(ctx).now())


def _show(told: describing.Description, chosen: Format, *, now: datetime) -> None:
    if chosen is not Format.TEXT:
        whole = {"workload": told.row.source, "pods": told.pods, "events": told.events}
        output.show_document(whole, output=chosen)
        return
    for line in (*_facts(told.row, now), *_pods(told, now), *_events(told, now)):
        click.echo(line.rstrip())


def _facts(one: row.Row, now: datetime) -> Iterator[str]:
    facts = {
        "Name": one.name,
        "Kind": one.kind,
        "Project": f"{one.project} (namespace {one.namespace} on {one.cluster})",
        "Submitted by": one.submitter,
        "Status": one.state.status,
        "Reason": one.state.reason,
        "Age": age.spell(one.created_at, now),
        "Completions": one.completions,
        "GPUs": str(one.gpus),
        "Image": one.image,
        "Command": " ".join(_command(one)),
    }
    for label, value in facts.items():
        if value:
            yield f"{label + ':':<14}{output.plain(value)}"


def _command(one: row.Row) -> list[str]:
    spec = ("spec",) if one.kind == "Pod" else ("spec", "template", "spec")
    container = next(iter(items(one.source, *spec, "containers")), None)
    return [str(part) for key in ("command", "args") for part in items(container, key)]


def _pods(told: describing.Description, now: datetime) -> Iterator[str]:
    if not told.pods:
        yield "Pods:         none yet"
        return
    yield "Pods:"
    for pod in told.pods:
        yield f"  {_pod(pod, now)}"


def _pod(pod: Mapping[str, Any], now: datetime) -> str:
    found = state.of_pod(pod)
    node = text(pod, "spec", "nodeName")
    restarts = sum(number(one, "restartCount") for one in items(pod, "status", "containerStatuses"))
    parts = (
        text(pod, "metadata", "name"),
        str(found.status),
        f"({found.reason})" if found.reason else "",
        f"on {node}" if node else "",
        f"{restarts} restarts" if restarts else "",
        age.spell(row.created_at(pod), now),
    )
    return output.plain("  ".join(part for part in parts if part))


def _events(told: describing.Description, now: datetime) -> Iterator[str]:
    if not told.events:
        yield "Events:       none"
        return
    yield "Events:"
    for event in told.events:
        when = age.spell(row.moment(describing.happened_at(event)), now)
        who = text(event, "involvedObject", "name")
        said = f"{text(event, 'reason')}: {text(event, 'message')}"
        count = number(event, "count", default=1)
        often = f" (x{count})" if count > 1 else ""
        yield f"  {when:<5}{output.plain(f'{who}  {said}{often}')}"
