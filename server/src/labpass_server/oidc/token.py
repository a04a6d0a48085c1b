"""The token endpoint: parse, let the desk serve it, answer. RFC 6749 §5."""

from typing import Any, assert_never

from starlette.requests import Request
from starlette.responses import Response

from labpass_server.identity import desk
from labpass_server.identity.outcome import Refused
from labpass_server.model import errors
from labpass_server.oidc import answers, client_authentication, grants, parameters
from labpass_server.oidc.door import Door
from labpass_server.oidc.grants import token_exchange


async def token(door: Door, request: Request) -> Response:
    """Serve one grant. ``invalid_grant`` means a dead session and nothing else."""
    try:
        given = await parameters.of_body(request)
        given.refuse_repeated()
        by = client_authentication.credentials(request, given)
        parse = grants.GRANTS.get(given.get("grant_type"))
        if parse is None:
            return answers.error("unsupported_grant_type", "not a grant of this authority")
        grant = parse(given, door.issuer)
        result = await door.desk.serve(by, grant, now=door.now())
    except errors.Refusal as refusal:
        return answers.of_refusal(refusal)
    is_exchange = given.find("grant_type") == token_exchange.NAME
    return _answer(result, is_exchange=is_exchange)


def unknown_client() -> Response:
    """Answer a client that has not proven who it is."""
    return answers.error(
        "invalid_client",
        "unknown client, or not authenticated the way it should be",
        status=401,
        headers={"WWW-Authenticate": 'Basic realm="labpass"'},
    )


def _answer(result: desk.Result, *, is_exchange: bool) -> Response:
    match result:
        case desk.Issued() as issued:
            return answers.json(_exchanged(issued) if is_exchange else _tokens(issued))
        case Refused(error=error, description=description):
            return answers.error(error, description)
        case desk.Stranger():
            return unknown_client()
        case other:
            assert_never(other)


def _tokens(issued: desk.Issued) -> dict[str, Any]:
    granted = issued.granted
    assert granted.access_token is not None
    body: dict[str, Any] = {
        "access_token": granted.access_token.reveal(),
        "token_type": "Bearer",
        "expires_in": int(granted.expires_in.total_seconds()),
        "scope": " ".join(granted.scope),
    }
    if granted.refresh_token is not None:
        body["refresh_token"] = granted.refresh_token.reveal()
    if issued.id_token is not None:
        body["id_token"] = issued.id_token.reveal()
    return body


def _exchanged(issued: desk.Issued) -> dict[str, Any]:
    """Return the members of RFC 8693 §2.2.1: there an ID token travels as ``access_token``."""
    granted = issued.granted
    lifetime = int(granted.expires_in.total_seconds())
    if issued.id_token is not None:
        return {
            "access_token": issued.id_token.reveal(),
            "issued_token_type": token_exchange.ID_TOKEN,
            "token_type": "N_A",
            "expires_in": lifetime,
        }
    assert granted.access_token is not None
    return {
        "access_token": granted.access_token.reveal(),
        "issued_token_type": token_exchange.ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": lifetime,
    }
