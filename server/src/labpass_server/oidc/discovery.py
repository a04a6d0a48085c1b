"""What the authority says about itself, and its public keys."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from labpass_server.model.authorization import Prompt, ResponseMode, Scope
from labpass_server.model.cluster import Algorithm
from labpass_server.model.key import JWKS_MAX_AGE
from labpass_server.oidc import grants
from labpass_server.oidc.door import Door

_AUTHENTICATION: Final = ("none", "client_secret_basic", "client_secret_post")
_CACHE: Final = f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"


async def configuration(door: Door, request: Request) -> Response:
    """Answer with the metadata. OpenID Connect Discovery 1.0 §3; RFC 8414 §2."""
    del request
    return JSONResponse(metadata(door), headers={"Cache-Control": _CACHE})


async def jwks(door: Door, request: Request) -> Response:
    """Answer with the keys.

    API servers ask again only when this answer's life is nearly over, so it is short and never
    changes its address; and no key signs before it was here for a day.
    """
    del request
    keys = await door.keys.published(door.now())
    return JSONResponse({"keys": keys}, headers={"Cache-Control": _CACHE})


def metadata(door: Door) -> Mapping[str, Any]:
    """Return the metadata document."""
    return {
        "issuer": door.issuer,
        "authorization_endpoint": door.url("/authorize"),
        "token_endpoint": door.url("/token"),
        "userinfo_endpoint": door.url("/userinfo"),
        "jwks_uri": door.url("/jwks"),
        "revocation_endpoint": door.url("/revoke"),
        "end_session_endpoint": door.url("/end-session"),
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": ["code"],
        "response_modes_supported": [mode.value for mode in ResponseMode],
        "grant_types_supported": sorted(grants.GRANTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm.value for algorithm in Algorithm],
        "token_endpoint_auth_methods_supported": list(_AUTHENTICATION),
        "revocation_endpoint_auth_methods_supported": list(_AUTHENTICATION),
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "jti",
            "auth_time",
            "nonce",
            "preferred_username",
            "name",
            "email",
            "groups",
        ],
        "prompt_values_supported": [prompt.value for prompt in Prompt],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
