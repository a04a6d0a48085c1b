"""The userinfo endpoint: GET, POST with the header, POST with the body. RFC 6750."""

from starlette.requests import Request
from starlette.responses import Response

from labpass.secret import Secret
from labpass_server.identity import issuing
from labpass_server.model import claims, errors
from labpass_server.oidc import answers, parameters
from labpass_server.oidc.door import Door


async def userinfo(door: Door, request: Request) -> Response:
    """Answer with what the access token's scope lets its holder know."""
    try:
        token = await _token(request)
        if token is None:
            return _refused(None, "an access token is needed")
        found = await door.bearers.find(token, audience=issuing.OWN, now=door.now())
    except errors.Refusal as refusal:
        return answers.of_refusal(refusal)
    if found is None:
        return _refused("invalid_token", "the access token is unknown or too old")
    return answers.json({"sub": found.person.id, **claims.about(found.person, found.scope)})


async def _token(request: Request) -> Secret | None:
    """Return the token; raises `Invalid` for two ways at once. Never read from the query."""
    header = request.headers.get("authorization")
    scheme, _, given = (header or "").partition(" ")
    in_header = Secret(given.strip()) if scheme.lower() == "bearer" and given.strip() else None
    has_body = request.method == "POST" and "content-type" in request.headers
    in_body = (await parameters.of_body(request)).find_secret("access_token") if has_body else None
    if in_header is not None and in_body is not None:
        raise errors.Invalid("access_token", "send it one way")
    return in_header or in_body


def _refused(code: str | None, description: str) -> Response:
    challenge = 'Bearer realm="labpass"'
    if code is None:
        return Response(status_code=401, headers={"WWW-Authenticate": challenge})
    challenge += f', error="{code}", error_description="{description}"'
    return answers.error(code, description, status=401, headers={"WWW-Authenticate": challenge})
