"""A table of plain columns that fits its terminal: for lists people read again and again.

No lines, no colours, and no library to load.
"""

from collections.abc import Sequence
from typing import Final

import click

GAP: Final = "  "


def show(titles: Sequence[str], rows: Sequence[Sequence[str]], *, headers: bool) -> None:
    """Print ``rows``, one line each and as wide as need be: for pipes and for ``-o wide``."""
    lines = [list(titles), *map(list, rows)] if headers else list(map(list, rows))
    for line in _aligned(lines):
        click.echo(line)


def show_fitted(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    notes: Sequence[str],
    width: int,
    headers: bool,
) -> None:
    """Print ``rows`` for a terminal; a row's note stands beneath it, cut to one line.

    Cells are never cut: a person has to type what they read. Where ``width`` is too narrow the last
    column is left out, then the one before; the first four always stay.
    """
    table = [list(titles), *map(list, rows)]
    while len(table[0]) > FEWEST and max(map(len, _aligned(table))) > width:
        table = [line[:-1] for line in table]
    head, *lines = _aligned(table)
    if headers:
        click.echo(head)
    for line, note in zip(lines, notes, strict=True):
        click.echo(line)
        if note:
            click.echo(_cut(f"{GAP}{note}", width))


FEWEST: Final = 4


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return [
        GAP.join(cell.ljust(most) for cell, most in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _cut(line: str, width: int) -> str:
    return f"{line[: width - 1]}…" if len(line) > width else line
