"""What a client asked for at the authorization endpoint, once it has been checked."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from labpass_server.model.client import ClientId


class ResponseMode(StrEnum):
    """How the answer travels to the client."""

    QUERY = "query"
    FORM_POST = "form_post"


class Prompt(StrEnum):
    """What the client wants the person to be asked. OpenID Connect Core §3.1.2.1."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


class Scope(StrEnum):
    """The scopes that mean something here; others are ignored."""

    OPENID = "openid"
    OFFLINE_ACCESS = "offline_access"
    PROFILE = "profile"
    EMAIL = "email"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """A valid request: the client exists, the redirect URI is one of its own."""

    client_id: ClientId
    redirect_uri: str
    scope: tuple[Scope, ...]
    state: str | None = None
    nonce: str | None = None
    challenge: str | None = None
    response_mode: ResponseMode = ResponseMode.QUERY
    prompts: frozenset[Prompt] = frozenset()
    max_age: timedelta | None = None
    login_hint: str | None = None
