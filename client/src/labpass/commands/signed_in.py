"""What every command that needs a sign-in asks: which server, and a token for an audience.

server(ctx)                 the server this profile is signed in to, and the CA to trust for it
api_token(ctx)              a token for /api/v1
cluster_token(ctx, aud)     an ID token for one cluster
http(ctx)                   an httpx2.Client that trusts that server (no token in it)
"""

from typing import TYPE_CHECKING

import click

from labpass.problems import NotSignedIn
from labpass.secret import Secret

if TYPE_CHECKING:
    from labpass.session.config import Server


def server(ctx: click.Context) -> "Server":
    """Return the server of this profile. Raises `NotSignedIn` when there is none."""
    raise NotSignedIn(f"No server is known. {ctx.command_path}", hint="labpass login --server URL")


def api_token(ctx: click.Context) -> Secret:
    """Return a live token for ``<issuer>/api/v1``, from the cache or renewed."""
    return cluster_token(ctx, f"{server(ctx).url}/api/v1")


def cluster_token(ctx: click.Context, audience: str) -> Secret:
    """Return a live ID token for ``audience``, from the cache or renewed.

    Raises `NotSignedIn`, `Unreachable`, or `Forbidden` with the server's own words.
    """
    raise NotSignedIn(f"Not signed in: {audience}, {ctx.command_path}")
