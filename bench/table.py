"""The rows of the table: what was measured, beside its aim and its peer."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement; ``ratio`` is ours to the peer's, ``is_met`` None where there is no aim."""

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    aim: str = ""
    is_met: bool | None = None


def show(rows: Sequence[Row]) -> str:
    """Return the table as Markdown that also reads as text."""
    titles = ("what", "measured", "peer", "ratio", "aim", "")
    lines = [titles, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(titles))]
    head, *rest = (
        "| " + " | ".join(cell.ljust(most) for cell, most in zip(line, widths, strict=True)) + " |"
        for line in lines
    )
    rule = "|" + "|".join("-" * (most + 2) for most in widths) + "|"
    return "\n".join((head, rule, *rest))


def save(path: Path, rows: Sequence[Row], details: dict[str, object]) -> None:
    """Write everything as JSON beside the table."""
    whole = {"rows": [asdict(row) for row in rows], "details": details}
    path.write_text(json.dumps(whole, indent=2) + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "met", False: "missed", None: ""}[row.is_met]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
    return (row.what, row.ours, row.peer, ratio, row.aim, met)
