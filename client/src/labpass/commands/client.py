"""`labpass client`: other programs that sign people in by this server."""

import click

from labpass import commands
from labpass.api import clients
from labpass.api.clients import Program
from labpass.api.fields import to_document
from labpass.commands import connected, output
from labpass.commands.output import Column, Format
from labpass.secret import Secret

_COLUMNS = (
    Column(title="ID", of="client_id"),
    Column(title="NAME", of="name"),
    Column(title="TYPE", of="type"),
    Column(title="PKCE", of="pkce"),
    Column(title="ADDRESSES", of="redirect_uris"),
)


@click.group(cls=commands.Group)
def client() -> None:
    """Register programs that sign people in by this server."""


@client.command("create")
@click.argument("name")
@click.option(
    "--type",
    "kind",
    type=click.Choice(("public", "confidential")),
    default="confidential",
    show_default=True,
    help="Can it keep a secret?",
)
@click.option(
    "--redirect-uri",
    "redirect_uris",
    metavar="URL",
    multiple=True,
    required=True,
    help="Where answers may go, exactly; more than once for several.",
)
@click.option(
    "--post-logout-redirect-uri",
    "post_logout_redirect_uris",
    metavar="URL",
    multiple=True,
    help="Where a browser may be sent after signing out, exactly; more than once for several.",
)
@click.option(
    "--pkce",
    type=click.Choice(("required", "optional")),
    default="required",
    show_default=True,
    help="Optional only for a confidential one that cannot do it.",
)
@output.option(output.ONE)
@click.pass_context
def create(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    kind: str,
    redirect_uris: tuple[str, ...],
    post_logout_redirect_uris: tuple[str, ...],
    pkce: str,
    output: Format,
) -> None:
    """Register a program; the secret of a confidential one is shown once."""
    body: dict[str, object] = {
        "name": name,
        "type": kind,
        "redirect_uris": list(redirect_uris),
        "pkce": pkce,
    }
    if post_logout_redirect_uris:
        body["post_logout_redirect_uris"] = list(post_logout_redirect_uris)
    with connected.client(ctx) as server:
        made = clients.create(server, body)
    _show(made.program, output, made.secret)


@client.command("list")
@output.option()
@click.pass_context
def list_(ctx: click.Context, /, output: Format) -> None:
    """List registered programs."""
    with connected.client(ctx) as server:
        found = clients.load_all(server)
    _list([to_document(one) for one in found], output)


@client.command()
@click.argument("client_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete(ctx: click.Context, /, client_id: str, *, yes: bool) -> None:
    """Remove a program; nobody signs in through it any more."""
    output.confirm_or_stop(f"Remove {client_id}?", yes=yes)
    with connected.client(ctx) as server:
        clients.delete(server, client_id)
    output.words(f"Removed: {client_id}")


def _list(items: list[dict[str, object]], form: Format) -> None:
    output.show_list(
        items,
        output=form,
        columns=_COLUMNS,
        name=lambda item: f"client/{item['client_id']}",
        empty="No program is registered.",
    )


def _show(found: Program, form: Format, secret: Secret | None) -> None:
    """Show a program, and its secret this one time."""
    document = to_document(found)
    lines: list[tuple[str, object]] = [
        ("Id", found.client_id),
        ("Name", found.name),
        ("Type", found.type),
        ("PKCE", found.pkce),
        ("Addresses", list(found.redirect_uris)),
        ("After signing out", list(found.post_logout_redirect_uris)),
    ]
    if secret is not None:
        document["client_secret"] = secret.reveal()
        lines.append(("Secret", secret.reveal()))
        output.words("The secret is shown this once; we keep only its hash.")
        if form is Format.NAME:
            output.words(f"Secret: {secret.reveal()}")
    output.show_one(document, output=form, name=f"client/{found.client_id}", lines=lines)
