"""One click command a file: parse, call, show. Refuses logic.

`COMMANDS` is the list of what there is; a command's module is imported when it is named, so
`labpass --help` stays quick and one command never pays for another's libraries.
"""

import importlib
from typing import Final, NamedTuple

import click

LONGEST: Final = 400  # letters of one command's line


class Lazy(NamedTuple):
    """Where a command lives, and its line in the help: a test compares it with the command's."""

    module: str
    attribute: str
    summary: str


COMMANDS: Final[dict[str, Lazy]] = {
    "login": Lazy("labpass.commands.login", "login", "Sign in to a Labpass server."),
    "logout": Lazy("labpass.commands.logout", "logout", "End the session, at the server first."),
    "whoami": Lazy("labpass.commands.whoami", "whoami", "Show who the server says you are."),
    "auth": Lazy("labpass.commands.auth", "auth", "Print tokens for other programs."),
    "kubeconfig": Lazy(
        "labpass.commands.kubeconfig", "kubeconfig", "Build a kubeconfig, or clean one."
    ),
    "submit": Lazy(
        "labpass.commands.submit", "submit", "Run a job in a project, in your own name."
    ),
    "list": Lazy("labpass.commands.list", "list_", "List the jobs of your projects."),
    "describe": Lazy(
        "labpass.commands.describe", "describe", "Show one job: its state, pods and events."
    ),
    "logs": Lazy("labpass.commands.logs", "logs", "Print the log of a job, or of a pod."),
    "delete": Lazy("labpass.commands.delete", "delete", "Delete jobs with their pods and logs."),
    "project": Lazy(
        "labpass.commands.project", "project", "List your projects; make and change them."
    ),
    "rule": Lazy("labpass.commands.rule", "rule", "Give, change and withdraw access."),
    "person": Lazy("labpass.commands.person", "person", "Make, show and disable people."),
    "cluster": Lazy(
        "labpass.commands.cluster", "cluster", "Add clusters, connect them, remove them."
    ),
    "client": Lazy(
        "labpass.commands.client", "client", "Register programs that sign people in by this server."
    ),
    "trust": Lazy(
        "labpass.commands.trust", "trust", "Make an API server trust Labpass, and prove it."
    ),
    "completion": Lazy(
        "labpass.commands.completion",
        "completion",
        "Print what makes a shell complete our commands and options.",
    ),
}


class Group(click.Group):
    """A click group whose help says each command's line whole, however narrow the terminal."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, wrapped and never cut."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        lines = [(name, one.get_short_help_str(limit=LONGEST)) for name, one in commands if one]
        with formatter.section("Commands"):
            formatter.write_dl(lines)


class LazyGroup(click.Group):
    """A click group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: what people need first stands first."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        found = COMMANDS.get(cmd_name)
        if found is None:
            return None
        command = getattr(importlib.import_module(found.module), found.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table alone; nothing is imported for it."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.summary) for name, found in COMMANDS.items()])
