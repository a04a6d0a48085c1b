"""What every command that needs a sign-in asks: which server, and a token for an audience.

server(ctx)                 the server this profile is signed in to, and the CA to trust for it
api_token(ctx)              a token for /api/v1
cluster_token(ctx, aud)     an ID token for one cluster
http(ctx)                   an httpx2.Client that trusts that server (no token in it)
credential(ctx, aud)        a token with its expiry
"""

from typing import TYPE_CHECKING

import click

from labpass.commands import output, surroundings
from labpass.commands.authority import Authority
from labpass.login import wire
from labpass.secret import Secret
from labpass.session import config, folders, renewal
from labpass.session.config import Server
from labpass.session.credentials import Credential

if TYPE_CHECKING:
    import httpx2


def server(ctx: click.Context) -> Server:
    """Return the server of this profile. Raises `NotSignedIn` when there is none."""
    here = surroundings.of(ctx)
    return config.load(folders.find(here.environment), here.environment, here.profile)


def api_token(ctx: click.Context) -> Secret:
    """Return a live token for ``<issuer>/api/v1``, from the cache or renewed."""
    return cluster_token(ctx, api_audience(server(ctx)))


def cluster_token(ctx: click.Context, audience: str) -> Secret:
    """Return a live ID token for ``audience``, from the cache or renewed.

    Raises `NotSignedIn`, `Unreachable`, or `Forbidden` with the server's own words.
    """
    return credential(ctx, audience).token


def http(ctx: click.Context) -> "httpx2.Client":
    """Return a client for this profile's server; the caller adds the token to each request."""
    from labpass.login import transport  # noqa: PLC0415 -- httpx2 takes 100 ms; the plugin has none

    found = server(ctx)
    environment = surroundings.of(ctx).environment
    return transport.http(found, proxy=wire.proxy_for(found.url, environment))


def credential(ctx: click.Context, audience: str, *, at: Server | None = None) -> Credential:
    """Return a live token and its expiry; ``at`` names another server than the profile's."""
    here = surroundings.of(ctx)
    there = at or server(ctx)
    asked = renewal.Asked(
        folders=folders.find(here.environment),
        issuer=there.url,
        profile=here.profile,
        audience=audience,
        now=here.now,
        note=output.words,
    )
    with wire.Wire(there, proxy=wire.proxy_for(there.url, here.environment)) as connection:
        return renewal.credential(asked, Authority(connection, api_audience=api_audience(there)))


def api_audience(there: Server) -> str:
    """Return the audience of the REST API's own tokens."""
    return f"{there.url}/api/v1"
