"""What the token endpoint's use cases answer, as values: a refusal too must be committed."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from labpass.secret import Secret
from labpass_server.model.authorization import Scope
from labpass_server.model.claims import Claims
from labpass_server.model.cluster import Algorithm


class TokenError(StrEnum):
    """Why there is no token. RFC 6749 §5.2; RFC 8693 §2.2.2. ``invalid_grant``: sign in again."""

    INVALID_REQUEST = "invalid_request"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TARGET = "invalid_target"
    UNAUTHORIZED_CLIENT = "unauthorized_client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No token; ``description`` is for a person and holds no secret."""

    error: TokenError
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """An ID token before its signature, which is made after the transaction."""

    claims: Claims
    algorithm: Algorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Tokens. By exchange either ``access_token`` or ``id_token`` is there, else both."""

    expires_in: timedelta
    scope: tuple[Scope, ...] = ()
    access_token: Secret | None = None
    refresh_token: Secret | None = None
    id_token: Unsigned | None = None


Outcome: TypeAlias = Granted | Refused


def dead(description: str) -> Refused:
    """Return the refusal that makes a client sign in again."""
    return Refused(error=TokenError.INVALID_GRANT, description=description)
