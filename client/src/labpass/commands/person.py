"""`labpass person`: who can sign in."""

import sys

import click

from labpass import commands
from labpass.api import people
from labpass.api.fields import to_document
from labpass.api.people import Person
from labpass.commands import connected, output
from labpass.commands.output import Column, Format
from labpass.problems import UsageProblem
from labpass.secret import Secret

_COLUMNS = (
    Column(title="HANDLE", of="handle"),
    Column(title="NAME", of="display_name"),
    Column(title="STATE", of=lambda item: "disabled" if item["disabled"] else "enabled"),
    Column(title="EMAIL", of="email", is_wide=True),
    Column(title="CREATED", of="created_at", is_wide=True),
)
_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
_KEEPS = click.option(
    "--permanent", is_flag=True, help="Do not ask for another one at the first sign-in."
)


@click.group(cls=commands.Group)
def person() -> None:
    """Make, show and disable people."""


@person.command("create")
@click.argument("handle")
@click.option("--name", metavar="TEXT", help="The name that others see.")
@click.option("--email", metavar="ADDRESS")
@click.option("--admin-handle", is_flag=True, help="Allow a handle that begins with admin.")
@_STDIN
@_KEEPS
@output.option(output.ONE)
@click.pass_context
def create(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    handle: str,
    *,
    name: str | None,
    email: str | None,
    admin_handle: bool,
    password_stdin: bool,
    permanent: bool,
    output: Format,
) -> None:
    """Make a person; a temporary password is made for them, unless one is given."""
    body: dict[str, object] = {"handle": handle, "display_name": name or ""}
    if email is not None:
        body["email"] = email
    if admin_handle:
        body["admin_handle"] = True
    body |= _password(given=password_stdin, permanent=permanent)
    with connected.client(ctx) as client:
        made = people.create(client, body)
    _show(made.person, output, made.password)


@person.command("list")
@output.option((*output.LISTS, Format.WIDE))
@click.pass_context
def list_(ctx: click.Context, /, output: Format) -> None:
    """List people."""
    with connected.client(ctx) as client:
        found = people.load_all(client)
    _list([to_document(one) for one in found], output)


@person.command()
@click.argument("handle")
@output.option(output.ONE)
@click.pass_context
def show(ctx: click.Context, /, handle: str, output: Format) -> None:
    """Show one person."""
    with connected.client(ctx) as client:
        _show(people.load(client, handle), output, None)


@person.command()
@click.argument("handle")
@output.option(output.ONE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def disable(ctx: click.Context, /, handle: str, *, output: Format, yes: bool) -> None:
    """End every session of a person, and let them in no more."""
    _ask(f"Disable {handle}? Every session of theirs ends.", yes=yes)
    with connected.client(ctx) as client:
        _show(people.edit(client, handle, {"disabled": True}), output, None)


@person.command()
@click.argument("handle")
@output.option(output.ONE)
@click.pass_context
def enable(ctx: click.Context, /, handle: str, output: Format) -> None:
    """Let a disabled person in again."""
    with connected.client(ctx) as client:
        _show(people.edit(client, handle, {"disabled": False}), output, None)


@person.command("reset-password")
@click.argument("handle")
@_STDIN
@_KEEPS
@output.option((Format.TEXT, Format.JSON, Format.YAML))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def reset_password(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    handle: str,
    *,
    password_stdin: bool,
    permanent: bool,
    output: Format,
    yes: bool,
) -> None:
    """Give a person another password; every session of theirs ends."""
    body = _password(given=password_stdin, permanent=permanent)
    _ask(f"Give {handle} another password? Every session of theirs ends.", yes=yes)
    with connected.client(ctx) as client:
        made = people.reset_password(client, handle, body)
        _show(people.load(client, handle), output, made)


def _password(*, given: bool, permanent: bool) -> dict[str, object]:
    if permanent and not given:
        raise UsageProblem("--permanent goes with --password-stdin: nobody else knows the other.")
    if not given:
        return {}
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageProblem("There is no password on stdin.")
    return {"password": password, "temporary": not permanent}


def _ask(question: str, *, yes: bool) -> None:
    output.confirm_or_stop(question, yes=yes)


def _list(items: list[dict[str, object]], form: Format) -> None:
    output.show_list(
        items,
        output=form,
        columns=_COLUMNS,
        name=lambda item: f"person/{item['handle']}",
        empty="There are no people.",
    )


def _show(found: Person, form: Format, password: Secret | None) -> None:
    """Show a person, and a password made for them this one time."""
    document = to_document(found)
    lines: list[tuple[str, object]] = [
        ("Handle", found.handle),
        ("Name", found.display_name),
        ("Email", found.email),
        ("Disabled", found.disabled),
        ("Must change password", found.password_is_temporary),
        ("Created", found.created_at),
    ]
    if password is not None:
        document["temporary_password"] = password.reveal()
        lines.append(("Temporary password", password.reveal()))
        output.words("The password is shown this once; it is changed at the first sign-in.")
        if form is Format.NAME:
            output.words(f"Temporary password: {password.reveal()}")
    output.show_one(document, output=form, name=f"person/{found.handle}", lines=lines)
