"""A token for a plugin's call, with a sign-in in the middle of it where somebody is watching."""

import json
import sys

import click

from labpass.commands import output, signed_in, signing_in, surroundings
from labpass.commands.signing_in import Wish
from labpass.commands.surroundings import Surroundings
from labpass.problems import NotSignedIn, TimedOut
from labpass.session import demand, folders, locks
from labpass.session.config import Server
from labpass.session.credentials import Credential


def credential(ctx: click.Context, server: Server, audience: str) -> Credential:
    """Return a live token. Raises `NotSignedIn` where no sign-in may be started by itself."""
    here = surroundings.of(ctx)
    try:
        return signed_in.credential(ctx, audience, at=server)
    except NotSignedIn:
        if not isinstance(_decide(here, server), demand.Allowed):
            raise
    path = demand.lock(folders.find(here.environment), issuer=server.url, profile=here.profile)
    try:
        with locks.hold(path, wait=0):
            return _first(ctx, server, audience)
    except TimedOut:
        output.words("Waiting for the sign-in that another labpass has started.")
    with locks.hold(path, wait=demand.WAIT):
        return signed_in.credential(ctx, audience, at=server)


def _first(ctx: click.Context, server: Server, audience: str) -> Credential:
    """Sign in, unless somebody did between our look and the lock."""
    here = surroundings.of(ctx)
    try:
        return signed_in.credential(ctx, audience, at=server)
    except NotSignedIn as e:
        if not isinstance(_decide(here, server), demand.Allowed):
            raise
        output.words(e.message)
    signing_in.sign_in(here, server, Wish())
    return signed_in.credential(ctx, audience, at=server)


def _decide(here: Surroundings, server: Server) -> demand.Decision:
    where = folders.find(here.environment)
    return demand.decide(
        is_interactive=_is_interactive(here.environment.get("KUBERNETES_EXEC_INFO", "")),
        is_terminal=sys.stderr.isatty() and sys.stdin.isatty(),
        environment=here.environment,
        last_failure=demand.last_failure(where, issuer=server.url, profile=here.profile),
        now=here.now(),
    )


def _is_interactive(exec_info: str) -> bool:
    """Read ``spec.interactive`` of what kubectl passes; missing and garbage mean no."""
    try:
        return json.loads(exec_info)["spec"]["interactive"] is True
    except (ValueError, KeyError, TypeError):
        return False
