"""The authority's table of routes."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias
from urllib import parse

from starlette.requests import Request
from starlette.responses import Response

from labpass_server.oidc import (
    authorize,
    discovery,
    end_session,
    remote,
    revocation,
    sign_in,
    token,
    userinfo,
)
from labpass_server.oidc.door import Door
from labpass_server.web.route import Public, Route

Endpoint: TypeAlias = Callable[[Door, Request], Awaitable[Response]]

_METADATA = Public("clients and API servers learn here where everything is")
_SIGN_IN = Public("this is where people prove who they are")
_CLIENT = Public("clients prove themselves in the request")


def routes(door: Door) -> list[Route]:
    """Return every route of the authority."""
    path = parse.urlsplit(door.issuer).path
    table: list[tuple[str, str, Endpoint, Public]] = [
        ("GET", "/.well-known/openid-configuration", discovery.configuration, _METADATA),
        (
            "GET",
            f"/.well-known/oauth-authorization-server{path}",
            discovery.configuration,
            _METADATA,
        ),
        ("GET", "/jwks", discovery.jwks, _METADATA),
        ("GET", "/authorize", authorize.by_get, _SIGN_IN),
        ("POST", "/authorize", authorize.by_post, _SIGN_IN),
        ("POST", "/sign-in/password", sign_in.password, _SIGN_IN),
        ("POST", "/sign-in/new-password", sign_in.new_password, _SIGN_IN),
        ("POST", "/sign-in/confirm", sign_in.confirm, _SIGN_IN),
        ("POST", "/sign-in/cancel", sign_in.cancel, _SIGN_IN),
        ("POST", "/remote", remote.ask, _SIGN_IN),
        ("GET", "/r/{short}", remote.follow, _SIGN_IN),
        ("GET", "/code", remote.code, _SIGN_IN),
        ("POST", "/token", token.token, _CLIENT),
        ("POST", "/revoke", revocation.revoke, _CLIENT),
        ("GET", "/userinfo", userinfo.userinfo, Public("the access token is asked for inside")),
        ("POST", "/userinfo", userinfo.userinfo, Public("the access token is asked for inside")),
        ("GET", "/end-session", end_session.by_get, Public("signing out needs no permission")),
        ("POST", "/end-session", end_session.by_post, Public("signing out needs no permission")),
    ]
    return [Route(method, at, partial(run, door), needs) for method, at, run, needs in table]
