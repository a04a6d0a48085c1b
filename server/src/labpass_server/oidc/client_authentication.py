"""Who asks at the token and revocation endpoints: none, basic or post, one way at a time."""

import base64
import binascii
from urllib import parse

from starlette.requests import Request

from labpass.secret import Secret
from labpass_server.identity.desk import Credentials
from labpass_server.model import errors
from labpass_server.oidc.parameters import Parameters


def credentials(request: Request, given: Parameters) -> Credentials:
    """Return what the client says it is. Raises `Invalid` for two ways at once. RFC 6749 §2.3."""
    header = request.headers.get("authorization")
    in_body = given.find_secret("client_secret")
    if header is None:
        return Credentials(client_id=given.get("client_id"), secret=in_body)
    if in_body is not None:
        raise errors.Invalid("client_secret", "authenticate one way at a time")
    named = _basic(header)
    if given.find("client_id") not in {None, named.client_id}:
        raise errors.Invalid("client_id", "not the one in the Authorization header")
    return named


def _basic(header: str) -> Credentials:
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise errors.Invalid("authorization", "not HTTP Basic") from error
    name, separator, secret = text.partition(":")
    if scheme.lower() != "basic" or not separator:
        raise errors.Invalid("authorization", "not HTTP Basic")
    # Programs without a secret send an empty one (golang.org/x/oauth2 tries this way first).
    plain = parse.unquote_plus(secret)
    return Credentials(client_id=parse.unquote_plus(name), secret=Secret(plain) if plain else None)
