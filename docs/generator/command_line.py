"""The help of every command, as a terminal of 100 columns shows it, and the exit codes."""

from collections.abc import Iterator
from typing import Final

import click
from docs.generator.page import page, table

from labpass import problems
from labpass.__main__ import labpass
from labpass_server.__main__ import main as server
from testbed.commands import testbed

PROGRAMS: Final[dict[str, click.Command]] = {
    "labpass": labpass,
    "labpass-server": server,
    "testbed": testbed,
}
_WIDTH: Final = 100
_OTHER_EXITS: Final = """\
`labpass submit --wait` exits 1 for a job that failed.
`labpass-server` exits 0 after SIGTERM or SIGINT, 1 when it refuses to start and says why, 2 when the call itself is wrong.
`testbed` exits 1 when something did not come out as it should, 2 when the call itself is wrong, 130 after Ctrl-C at a question."""


def render() -> str:
    """Return the page."""
    parts: list[str] = []
    for name, program in PROGRAMS.items():
        parts.append(f"## {name}")
        for path, context in _walk(program, name, None):
            heading = [] if path == name else [f"### {path}"]
            parts += [*heading, f"```text\n{_help(context)}\n```"]
    return page("Command line", "## Exit codes", _exits(), _OTHER_EXITS, *parts)


def _walk(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[tuple[str, click.Context]]:
    settings = {**command.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context.command_path, context
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from _walk(found, each, context)


def _help(context: click.Context) -> str:
    return "\n".join(line.rstrip() for line in context.get_help().splitlines())


def _exits() -> str:
    found = sorted(problems.Problem.__subclasses__(), key=lambda each: each.exit_code)
    rows = [("0", "it is done"), ("1", "anything that has no number of its own")]
    rows += [
        (str(each.exit_code), (each.__doc__ or "").splitlines()[0].rstrip(".")) for each in found
    ]
    return "The exit codes of `labpass`:\n\n" + table(("code", "meaning"), rows)
