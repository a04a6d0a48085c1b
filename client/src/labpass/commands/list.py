"""`labpass list`: what runs in your projects, and whose it is."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import click

from labpass import problems
from labpass.commands import columns, output, refused, surroundings, workplace
from labpass.commands.output import Format
from labpass.commands.workplace import Here
from labpass.workloads import list as listing
from labpass.workloads.kinds import age, own, row

FORMATS: Final = (Format.TABLE, Format.WIDE, Format.JSON, Format.YAML, Format.NAME)
TITLES: Final = (
    "NAME", "STATUS", "AGE", "PROJECT", "SUBMITTED BY", "GPUS", "COMPLETIONS", "IMAGE",
)  # fmt: skip
WIDE: Final = ("KIND", "CLUSTER", "NODES")
SHORT: Final = 48
"""Signs of a reason where a line is a row; the wide form has all of it."""


@click.command("list")
@workplace.option_project
@workplace.option_cluster
@click.option("-A", "--all", "is_all", is_flag=True, help="All your projects.")
@click.option("--no-headers", is_flag=True, help="Leave the titles of the columns out.")
@output.option(FORMATS)
@click.pass_context
def list_(ctx: click.Context, /, **given: Any) -> int:
    """List the jobs of your projects."""
    if given["is_all"] and given["project"]:
        raise problems.UsageProblem("-A and -p exclude each other.", hint="labpass list --help")
    project = None if given["is_all"] else given["project"] or workplace.default(ctx)
    places = workplace.every(ctx, project=project, cluster=given["cluster"])
    rows, failures = _load(places)
    _show(rows, places, given, now=surroundings.of(ctx).now())
    return _tell(failures, rows)


def _load(places: Iterable[Here]) -> tuple[list[row.Row], list[problems.Problem]]:
    """Read every place; one that does not answer does not hide the others."""
    rows: list[row.Row] = []
    failures: list[problems.Problem] = []
    for here in places:
        try:
            with refused.explained(here), here.connect() as api:
                rows += listing.load(api, here.place)
        except problems.Problem as e:
            failures.append(e)
    return rows, failures


def _tell(failures: Sequence[problems.Problem], rows: Sequence[row.Row]) -> int:
    if failures and not rows:
        raise failures[0]
    for failure in failures:
        output.words(failure.message)
    return failures[0].exit_code if failures else 0


def _show(
    rows: Sequence[row.Row], places: Sequence[Here], given: Mapping[str, Any], *, now: datetime
) -> None:
    match given["output"]:
        case Format.JSON | Format.YAML:
            sources = [one.source for one in rows]
            whole = {"apiVersion": "v1", "kind": "List", "metadata": {}, "items": sources}
            output.show_document(whole, output=given["output"])
        case Format.NAME:
            for one in rows:
                click.echo(output.plain(own.get_kind(one.source).called(one.name)))
        case _ if not rows:
            output.words(_nothing(places))
        case _:
            _table(
                rows, now, is_wide=given["output"] is Format.WIDE, headers=not given["no_headers"]
            )


def _table(rows: Sequence[row.Row], now: datetime, *, is_wide: bool, headers: bool) -> None:
    if is_wide or not sys.stdout.isatty():
        titles = TITLES + WIDE if is_wide else TITLES
        longest = None if is_wide else SHORT
        cells = [_cells(one, now, reason=longest)[: len(titles)] for one in rows]
        columns.show(titles, cells, headers=headers)
        return
    columns.show_fitted(
        TITLES,
        [_cells(one, now, reason=0)[: len(TITLES)] for one in rows],
        notes=[output.plain(one.state.reason) if one.state.reason else "" for one in rows],
        width=shutil.get_terminal_size().columns,
        headers=headers,
    )


def _cells(one: row.Row, now: datetime, *, reason: int | None) -> list[str]:
    """Return the cells of a row; ``reason`` is how much of it follows the status, None all."""
    said = textwrap.shorten(one.state.reason, reason, placeholder="…") if reason else ""
    said = one.state.reason if reason is None else said
    shown = (
        one.name,
        f"{one.state.status} ({said})" if said else one.state.status,
        age.spell(one.created_at, now),
        one.project,
        one.submitter,
        str(one.gpus),
        one.completions,
        one.image if reason is None else one.image.rpartition("/")[2],
        one.kind,
        one.cluster,
        one.nodes,
    )
    return [output.plain(cell) for cell in shown]


def _nothing(places: Sequence[Here]) -> str:
    names = sorted({here.place.project for here in places})
    return f"No jobs in {', '.join(names)}." if names else "You have no project to work in yet."
