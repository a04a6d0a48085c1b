"""Write the reference, or compare it with what would be written."""

import difflib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from docs.generator import command_line, events, installed, openapi, permissions, settings

REFERENCE: Final = Path(__file__).parents[1] / "reference"
PAGES: Final[dict[str, Callable[[], str]]] = {
    "command-line.md": command_line.render,
    "openapi.json": openapi.render,
    "permissions.md": permissions.render,
    "settings.md": settings.render,
    "installed.md": installed.render,
    "events.md": events.render,
}


def main(arguments: list[str]) -> int:
    """Write every page; with ``--check`` write none, and return 1 where one differs."""
    made = {name: render() for name, render in PAGES.items()}
    if "--check" in arguments:
        return _differences(made)
    REFERENCE.mkdir(exist_ok=True)
    for name, text in made.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


def _differences(made: dict[str, str]) -> int:
    lines: list[str] = []
    for name, text in made.items():
        path = REFERENCE / name
        stored = path.read_text(encoding="utf-8") if path.exists() else ""
        lines += difflib.unified_diff(
            stored.splitlines(), text.splitlines(), f"{name} (stored)", f"{name} (now)", lineterm=""
        )
    lines += [
        f"{path.name}: nothing writes it" for path in REFERENCE.iterdir() if path.name not in made
    ]
    if lines:
        sys.stderr.write("\n".join([*lines, "The reference differs from the code: make docs", ""]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
