"""`labpass logout`: end the session at the server, then here."""

import click

from labpass.commands import output, signing_in, surroundings
from labpass.login import wire
from labpass.login.wire import Wire
from labpass.problems import Unreachable
from labpass.session import config, credentials, folders, locks, store


@click.command()
@click.option("--local", is_flag=True, help="Only forget it here; the server keeps the session.")
@click.pass_context
def logout(ctx: click.Context, *, local: bool) -> None:
    """End the session, at the server first."""
    here = surroundings.of(ctx)
    where = folders.find(here.environment)
    server = config.load(where, here.environment, here.profile)
    with locks.hold(store.lock(where, issuer=server.url, profile=here.profile)):
        session = store.load(where, issuer=server.url, profile=here.profile)
        if session is not None and not local:
            with Wire(server, proxy=wire.proxy_for(server.url, here.environment)) as connection:
                trouble = signing_in.end_at_server(connection, session)
            if trouble:
                raise Unreachable(
                    trouble, hint="To forget it on this machine: labpass logout --local"
                )
        store.delete(where, issuer=server.url, profile=here.profile)
        credentials.delete_all(where)
    who = f"{session.handle} is" if session is not None else "You were not signed in; now you are"
    output.words(f"{who} signed out of {server.url}.")
