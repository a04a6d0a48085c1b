"""Markdown, put together: the first line of every page says that nobody edits it."""

from collections.abc import Iterable, Sequence

_NOTE = "<!-- Written by `make docs` from the code. Do not edit. -->"


def page(title: str, *parts: str) -> str:
    """Return a page; parts are separated by blank lines."""
    return "\n\n".join([f"# {title}", _NOTE, *(part.strip("\n") for part in parts)]) + "\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines
    )


def code(words: Iterable[str]) -> str:
    """Return words as code, separated by commas; a dash where there is none."""
    return ", ".join(f"`{word}`" for word in words) or "-"
