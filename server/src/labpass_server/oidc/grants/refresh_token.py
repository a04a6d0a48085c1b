"""A refresh token for its successor and new tokens. RFC 6749 §6."""

from labpass_server.identity import desk, refresh
from labpass_server.oidc import asking
from labpass_server.oidc.parameters import Parameters


def parse(given: Parameters, issuer: str) -> desk.Grant:
    """Return what rotates the token."""
    del issuer
    token = given.get_secret("refresh_token")
    text = given.find("scope")
    scope = None if text is None else asking.scope_of(text)
    return lambda turn: refresh.rotate(turn, token, scope=scope)
