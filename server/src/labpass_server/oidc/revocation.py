"""The revocation endpoint: 200 for whatever is not there. RFC 7009."""

from starlette.requests import Request
from starlette.responses import Response

from labpass_server.identity import desk
from labpass_server.model import errors
from labpass_server.oidc import answers, client_authentication, parameters
from labpass_server.oidc import token as token_endpoint
from labpass_server.oidc.door import Door


async def revoke(door: Door, request: Request) -> Response:
    """End what the token stands for. Its hint is not needed and not read."""
    try:
        given = await parameters.of_body(request)
        given.refuse_repeated()
        by = client_authentication.credentials(request, given)
        result = await door.desk.revoke(by, given.get_secret("token"), now=door.now())
    except errors.Refusal as refusal:
        return answers.of_refusal(refusal)
    if isinstance(result, desk.Stranger):
        return token_endpoint.unknown_client()
    return Response(status_code=200)
