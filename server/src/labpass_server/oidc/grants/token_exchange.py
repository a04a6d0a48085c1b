"""An access token of the command line for a token of one audience. RFC 8693 §2.1."""

from typing import Final

from labpass_server.identity import desk, exchange
from labpass_server.model import errors
from labpass_server.oidc.parameters import Parameters

NAME: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 -- a name
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 -- a name
_LONGEST: Final = 256


def parse(given: Parameters, issuer: str) -> desk.Grant:
    """Return what exchanges the token: an ID token for a cluster, or one for the REST API."""
    subject = given.get_secret("subject_token")
    if given.get("subject_token_type") != ACCESS_TOKEN:
        raise errors.Invalid("subject_token_type", ACCESS_TOKEN)
    if given.find("actor_token") is not None or given.find("resource") is not None:
        raise errors.Invalid("actor_token", "neither actor_token nor resource is supported")
    audience = given.get("audience")[:_LONGEST]
    is_api = audience == f"{issuer}/api/v1"
    wanted = ACCESS_TOKEN if is_api else ID_TOKEN
    if given.find("requested_token_type") not in {None, wanted}:
        raise errors.Invalid("requested_token_type", f"for this audience: {wanted}")
    if is_api:
        return lambda turn: exchange.for_api(turn, subject)
    return lambda turn: exchange.for_cluster(turn, subject, audience)
