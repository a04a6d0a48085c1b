"""What the commands print: data on stdout as table, JSON, YAML or names; words on stderr.

Text that came from a server is shown without control characters, so that no name can move the
cursor, colour a line or write into the clipboard of the terminal that shows it.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

import click

from labpass.problems import Interrupted
from labpass.trust import text

Item = Mapping[str, object]
_Command = TypeVar("_Command", bound=Callable[..., Any])
_NOTHING: Final = "-"
_LAST_OF_PLANE: Final = 0xFFFF


class Format(StrEnum):
    """How data is printed."""

    TABLE = "table"
    WIDE = "wide"
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


LISTS: Final = (Format.TABLE, Format.JSON, Format.YAML, Format.NAME)
ONE: Final = (Format.TEXT, Format.JSON, Format.YAML, Format.NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: its title, and where the text comes from: a key or a function."""

    title: str
    of: str | Callable[[Item], str]
    is_wide: bool = False

    def cell(self, item: Item) -> str:
        """Return what stands in this column for one item."""
        held = item.get(self.of) if isinstance(self.of, str) else self.of(item)
        return plain(held)


def option(
    formats: Sequence[Format] = LISTS, *, into: str = "output"
) -> Callable[[_Command], _Command]:
    """Return the ``-o`` option over these formats, the first being the default.

    The command gets it as ``into``, one of `Format`.
    """
    return click.option(
        "-o",
        "--output",
        into,
        type=click.Choice([str(one) for one in formats]),
        default=str(formats[0]),
        show_default=True,
        callback=lambda _context, _parameter, chosen: Format(chosen),
        help="How to print it.",
    )


def show_list(
    items: Sequence[Item],
    *,
    output: Format,
    columns: Sequence[Column],
    name: Callable[[Item], str],
    empty: str,
) -> None:
    """Print a list to stdout; an empty table is the words ``empty`` on stderr and no output.

    ``name`` gives the line of ``-o name``, the way kubectl writes it (``project/vision``).
    """
    match output:
        case Format.JSON | Format.YAML:
            show_document({"items": list(items)}, output=output)
        case Format.NAME:
            for item in items:
                click.echo(plain(name(item)))
        case Format.TABLE | Format.TEXT | Format.WIDE:
            shown = [one for one in columns if output is Format.WIDE or not one.is_wide]
            _show_table(items, shown, empty)


def show_one(item: Item, *, output: Format, name: str, lines: Sequence[tuple[str, object]]) -> None:
    """Print one thing: ``lines`` are label and value of the text form."""
    match output:
        case Format.JSON | Format.YAML:
            show_document(item, output=output)
        case Format.NAME:
            click.echo(plain(name))
        case Format.TABLE | Format.TEXT | Format.WIDE:
            width = max((len(label) for label, _ in lines), default=0) + 2
            for label, value in lines:
                click.echo(f"{label + ':':<{width}}{plain(value)}".rstrip())


def show_document(document: Item, *, output: Format) -> None:
    """Print a document as JSON or YAML, whole."""
    if output is Format.YAML:
        click.echo(text.render(document), nl=False)
    else:
        text_of = json.dumps(document, indent=2, ensure_ascii=False)
        click.echo("".join(map(_escaped, text_of)))


def _escaped(sign: str) -> str:
    """Write as JSON's own escape what a terminal would obey; JSON escapes only the older ones."""
    if sign.isprintable() or sign == "\n" or ord(sign) > _LAST_OF_PLANE:
        return sign
    return f"\\u{ord(sign):04x}"


def words(message: str) -> None:
    """Say something to the person, on stderr; ``LABPASS_QUIET`` silences it."""
    if not os.environ.get("LABPASS_QUIET"):  # noqa: TID251 - the one reader of LABPASS_QUIET
        click.echo("\n".join(plain(line) if line else "" for line in message.split("\n")), err=True)


def plain(value: object) -> str:
    """Return a value as one line of text without control characters; nothing is a dash."""
    match value:
        case None | "" | [] | ():
            return _NOTHING
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(plain(one) for one in value)
        case _:
            return "".join(
                sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in str(value)
            )


def confirm(question: str, *, yes: bool) -> bool:
    """Ask on the terminal; ``yes`` answers for scripts, and without a terminal the answer is no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        words(f"{question} (no terminal to ask at: say --yes)")
        return False
    return click.confirm(question, default=False, err=True)


def confirm_or_stop(question: str, *, yes: bool) -> None:
    """Ask; anything but a yes ends the command, with nothing changed."""
    if not confirm(question, yes=yes):
        raise Interrupted("Nothing was changed.")


def _show_table(items: Sequence[Item], columns: Sequence[Column], empty: str) -> None:
    if not items:
        words(empty)
        return
    titles = [one.title for one in columns]
    rows = [[one.cell(item) for one in columns] for item in items]
    if sys.stdout.isatty():
        _rich_table(titles, rows)
    else:
        _plain_table([titles, *rows])


def _plain_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo("   ".join(cells).rstrip())


def _rich_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    import rich.box  # noqa: PLC0415 - loaded only for a table on a terminal
    import rich.console  # noqa: PLC0415 - the same
    import rich.table  # noqa: PLC0415 - the same
    import rich.text  # noqa: PLC0415 - the same

    table = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(rich.text.Text(cell) for cell in row))
    rich.console.Console(soft_wrap=False).print(table)
