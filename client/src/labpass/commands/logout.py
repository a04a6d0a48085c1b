"""`labpass logout`: end the session at the server, then here."""

import click

from labpass.commands import output, signing_out, surroundings
from labpass.commands.surroundings import Surroundings
from labpass.problems import Unreachable
from labpass.session.store import Session


@click.command()
@click.option("--all", "is_all", is_flag=True, help="Every profile's, at every server.")
@click.option("--local", is_flag=True, help="Only forget it here; the server keeps the session.")
@click.pass_context
def logout(ctx: click.Context, *, is_all: bool, local: bool) -> None:
    """End the session, at the server first."""
    here = surroundings.of(ctx)
    if is_all:
        _every(here, local=local)
        return
    found = signing_out.here_only(here) if local else signing_out.one(here)
    if found is None:
        output.words("You were not signed in; now nothing is left of it here.")
    else:
        _say(found, local=local)


def _every(here: Surroundings, *, local: bool) -> None:
    if local:
        signing_out.forget_everything(here)
        output.words("Forgotten here. The servers keep the sessions until they end by themselves.")
        return
    ended, troubles = signing_out.every(here)
    for found in ended:
        _say(found, local=False)
    if troubles:
        raise Unreachable(
            " ".join(troubles), hint="To forget them on this machine: labpass logout --all --local"
        )
    if not ended:
        output.words("You were not signed in anywhere.")


def _say(found: Session, *, local: bool) -> None:
    if local:
        output.words(f"Forgotten here. {found.issuer} keeps the session until it ends by itself.")
    else:
        profile = "" if found.profile == "default" else f" (profile {found.profile})"
        output.words(f"{found.handle} is signed out of {found.issuer}{profile}.")
