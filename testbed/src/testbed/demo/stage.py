"""What the demo shows: on a terminal each command with its answer, elsewhere one line a step."""

import textwrap
from typing import TextIO

_WIDTH = 78
_BOLD, _DIM, _GREEN, _RED, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


class Stage:
    """Writes to one stream; colours only where somebody looks at a terminal that wants them.

    ``folder`` holds everything the demo makes; it is shown as $DEMO, so that lines stay short.
    """

    def __init__(self, out: TextIO, *, is_watched: bool, has_colour: bool, folder: str) -> None:
        self._out = out
        self._folder = folder
        self._is_watched = is_watched
        self._has_colour = has_colour

    def begin(self, number: int, title: str) -> None:
        """Open a step."""
        if self._is_watched:
            self._write(f"\n{self._in(_BOLD, f'{number}  {title}')}")

    def command(self, line: str) -> None:
        """Show a command as a person would type it."""
        if self._is_watched:
            self._write(f"\n   {self._in(_BOLD, '$')} {self._short(line)}")

    def answer(self, text: str, *, lines: int = 24) -> None:
        """Show what came back, at most so many lines of it."""
        if not self._is_watched:
            return
        found = self._short(text).rstrip().splitlines()
        for line in found[:lines]:
            wrapped = textwrap.wrap(line, _WIDTH - 5, drop_whitespace=False) or [""]
            for part in wrapped:
                self._write(f"     {self._in(_DIM, part)}")
        if len(found) > lines:
            self._write(f"     {self._in(_DIM, f'… and {len(found) - lines} lines more')}")

    def say(self, text: str) -> None:
        """Say a sentence about what is going on."""
        if self._is_watched:
            for line in textwrap.wrap(text, _WIDTH - 3):
                self._write(f"   {line}")

    def end(self, number: int, line: str, *, seconds: float) -> None:
        """Close a step with what it showed."""
        self._write(f"{self._in(_GREEN, 'ok')} {number}  {line} ({seconds:.1f} s)")

    def fail(self, number: int, title: str, why: str) -> None:
        """Close a step that did not come out as it should."""
        self._write(f"{self._in(_RED, 'FAILED')} {number}  {title}")
        self._write(textwrap.indent(why.rstrip(), "     "))

    def plain(self, line: str) -> None:
        """Say something that belongs to no step."""
        self._write(line)

    def _short(self, text: str) -> str:
        return text.replace(self._folder, "$DEMO")

    def _in(self, style: str, text: str) -> str:
        return f"{style}{text}{_OFF}" if self._has_colour else text

    def _write(self, line: str) -> None:
        print(line, file=self._out, flush=True)
