"""The entrance of the command line."""

import sys
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from labpass.secret import Secret
from labpass_server import settings
from labpass_server.model import errors

Command = TypeVar("Command", bound=Callable[..., Any])
_FLAGS: Final = {
    "data": ("DIR", "Database, certificates, set-up link.  [labpass-data]"),
    "sealing-key": ("FILE", "Key that seals what is in the database.  [DIR-key/key]"),
    "listen": ("HOST:PORT", "Where to wait for connections.  [127.0.0.1:8443]"),
    "issuer": ("URL", "https address that people and clusters use.  [https://HOST:PORT]"),
    "tls-cert": ("FILE", "Certificate chain; without one a private CA is made."),
    "tls-key": ("FILE", "Private key of --tls-cert."),
    "behind-proxy": ("CIDR", "TLS ends at a proxy in these networks, comma-separated."),
    "database": ("URL", "sqlite:////path or postgresql://user@host/name.  [DIR/labpass.db]"),
    "terminal-password": ("on|off", "Take name and password from labpass login --password.  [on]"),
    "remote-sign-in": ("on|off", "Sign in machines by a browser on another one.  [on]"),
    "log-format": ("WORD", "console or json.  [by terminal]"),
}
_STORED: Final = ("data", "sealing-key", "database")


class _Group(click.Group):
    """Says a refusal in words, once, with exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except errors.Refusal as refusal:
            raise click.ClickException(_words(refusal)) from refusal


def _words(refusal: errors.Refusal) -> str:
    match refusal:
        case errors.Invalid(field=field, reason=reason):
            return f"{'--' * (field in _FLAGS)}{field}: {reason}"
        case _:
            return str(refusal)


def _takes(*names: str) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for name in reversed(names):
            metavar, words = _FLAGS[name]
            command = click.option(f"--{name}", metavar=metavar, help=words)(command)
        return command

    return decorate


def _settings(flags: dict[str, str | None]) -> settings.Settings:
    given = {name.replace("_", "-"): value for name, value in flags.items()}
    return settings.load(given, settings.environment())


@click.group(cls=_Group, context_settings={"max_content_width": 100})
@click.version_option(package_name="labpass-server", prog_name="labpass-server")
def main() -> None:
    """Run the authority, REST API, pages and reconciler of Labpass.

    Each flag can come from the environment too: --tls-cert from LABPASS_SERVER_TLS_CERT.
    """


@main.command()
@_takes(*_FLAGS)
def serve(**flags: str | None) -> None:
    """Start the server; on an empty folder make everything it needs first."""
    from labpass_server.app import serving  # noqa: PLC0415 -- the entrance loads what is named

    serving.run(_settings(flags), say=click.echo)


@main.group()
def admin() -> None:
    """Look after administrators from the machine itself."""


@admin.command()
@click.argument("handle")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--display-name", default="", help="Full name.")
@_takes(*_STORED)
def create(handle: str, *, password_stdin: bool, display_name: str, **flags: str | None) -> None:
    """Make HANDLE an organisation administrator: the set-up link for scripts."""
    from labpass_server.app import administrators  # noqa: PLC0415 -- as above

    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    administrators.create(
        _settings(flags), handle=handle, display_name=display_name, password=Secret(password)
    )
    click.echo(f"{handle} is an organisation administrator")


@main.command(name="set-up-link")
@_takes(*_STORED, "issuer", "listen")
def set_up_link(**flags: str | None) -> None:
    """Make a new one-time link for the first administrator; the old one stops working."""
    from labpass_server.app import administrators  # noqa: PLC0415 -- as above

    click.echo(administrators.new_link(_settings(flags)))


if __name__ == "__main__":
    main()
