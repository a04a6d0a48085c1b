"""`labpass auth`: tokens for other programs, kubectl's plugin first."""

import sys

import click

from labpass import commands
from labpass.commands import on_demand, output, signed_in, surroundings
from labpass.session import config, credentials, folders
from labpass.session.credentials import Version


@click.group(cls=commands.Group)
def auth() -> None:
    """Print tokens for other programs."""


@auth.command()
@click.option("--audience", metavar="AUDIENCE", help="For which cluster; default: Labpass's API.")
@click.option("--issuer", metavar="URL", help="Of which server; default: the profile's.")
@click.option("--profile", metavar="NAME", help="Of which sign-in.")
@click.option(
    "-o",
    "--output",
    "shape",
    type=click.Choice(["token", "exec-credential"]),
    default="token",
    show_default=True,
    help="The bare token, or the document that kubectl reads.",
)
@click.option(
    "--exec-api-version",
    "version",
    type=click.Choice([str(one) for one in Version]),
    default=str(Version.V1),
    show_default=True,
    help="The version of that document.",
)
@click.pass_context
def token(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    *,
    audience: str | None,
    issuer: str | None,
    profile: str | None,
    shape: str,
    version: str,
) -> None:
    """Print a live token; renew the cached one when less than six minutes are left of it."""
    here = surroundings.with_profile(ctx, profile)
    where = folders.find(here.environment)
    server = (
        config.known(where, issuer)
        if issuer
        else config.load(where, here.environment, here.profile)
    )
    audience = audience or signed_in.api_audience(server)
    found = on_demand.credential(ctx, server, audience)
    if shape == "exec-credential":
        click.echo(credentials.render(found, Version(version)))
        return
    if sys.stdout.isatty():
        output.words("This is a secret: who has it is you, until it expires.")
    click.echo(found.token.reveal())
