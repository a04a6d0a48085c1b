"""A table of plain columns that fits its terminal: for lists people read again and again.

No lines, no colours, and no library to load: one row is one line on a screen and in a pipe.
"""

from collections.abc import Sequence
from typing import Final

import click

GAP: Final = "  "
NARROWEST: Final = 12
"""Signs that a shortened column keeps."""


def show(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None,
    shrinkable: frozenset[str],
    headers: bool,
) -> None:
    """Print ``rows``, each on one line no longer than ``width``; None is as wide as need be.

    The columns named ``shrinkable`` give way, the widest first; the others are never cut.
    """
    lines = [list(titles), *map(list, rows)] if headers else list(map(list, rows))
    widths = [max(len(line[place]) for line in lines) for place in range(len(titles))]
    if width is not None:
        widths = _fit(widths, width, [title in shrinkable for title in titles])
    for line in lines:
        cells = (_cut(cell, most) for cell, most in zip(line, widths, strict=True))
        click.echo(GAP.join(cells).rstrip())


def _fit(widths: list[int], width: int, can_shrink: Sequence[bool]) -> list[int]:
    fitted = list(widths)
    while sum(fitted) + len(GAP) * (len(fitted) - 1) > width:
        candidates = [
            place
            for place, shrinks in enumerate(can_shrink)
            if shrinks and fitted[place] > NARROWEST
        ]
        if not candidates:
            break
        fitted[max(candidates, key=fitted.__getitem__)] -= 1
    return fitted


def _cut(cell: str, most: int) -> str:
    return f"{cell[: most - 1]}…" if len(cell) > most else cell.ljust(most)
