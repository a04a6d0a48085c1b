"""The REST API of the server this profile is signed in to, for the administrators' commands."""

import click

from labpass.api.client import Client
from labpass.commands import signed_in


def client(ctx: click.Context) -> Client:
    """Return a client with a live token. Raises `NotSignedIn` without a session."""
    token = signed_in.api_token(ctx)
    return Client(signed_in.http(ctx), token)
