"""Keeping a sign-in alive, buying tokens with it, and ending it. Refusals are values here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from labpass.login import answers, steps
from labpass.login.answers import NotOurs
from labpass.login.code_flow import CLIENT, OK
from labpass.login.steps import Flow, Form, Request, Response
from labpass.secret import Secret

EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPES: Final = "urn:ietf:params:oauth:token-type"
NO_LONGER: Final = {"invalid_grant", "invalid_token"}
UNAUTHORISED: Final = 401  # believed with an OAuth error only: proxies say it too


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the token endpoint gave; ``refresh_token`` only after a refresh."""

    token: Secret
    lifetime: timedelta
    refresh_token: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The session, or the access token, is not accepted any more."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAccess:
    """The session lives and may not have what it asked for (RFC 8693 §2.2.2)."""

    reason: str


Outcome: TypeAlias = Tokens | Over | NoAccess


def refresh(token_endpoint: str, refresh_token: Secret) -> Flow[Outcome]:
    """Rotate a refresh token. Raises `NotOurs` for trouble at the server: the session may live."""
    form: Form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": CLIENT,
    }
    response = yield from steps.fetch(Request(url=token_endpoint, form=form))
    return _outcome(response, token_endpoint)


def exchange(
    token_endpoint: str, access_token: Secret, *, audience: str, api: bool
) -> Flow[Outcome]:
    """Buy a token for one audience: an ID token for a cluster, an access token for the API."""
    form: Form = {
        "grant_type": EXCHANGE,
        "client_id": CLIENT,
        "subject_token": access_token,
        "subject_token_type": f"{TYPES}:access_token",
        "audience": audience,
        "requested_token_type": f"{TYPES}:{'access_token' if api else 'id_token'}",
    }
    response = yield from steps.fetch(Request(url=token_endpoint, form=form))
    return _outcome(response, token_endpoint)


def revoke(revocation_endpoint: str, refresh_token: Secret) -> Flow[bool]:
    """End a session at the server (RFC 7009). False when the server did not confirm it."""
    form: Form = {
        "token": refresh_token,
        "token_type_hint": "refresh_token",
        "client_id": CLIENT,
    }
    response = yield from steps.fetch(Request(url=revocation_endpoint, form=form))
    return response.status == OK


def _outcome(response: Response, what: str) -> Outcome:
    if response.status == OK:
        return _tokens(response, what)
    error, words = answers.error_of(response)
    if error == "invalid_target":
        return NoAccess(reason=words or "You have no access there.")
    if error in NO_LONGER or (error and response.status == UNAUTHORISED):
        return Over(reason=words or error)
    raise NotOurs(f"{what} answered status {response.status}. {words}".rstrip())


def _tokens(response: Response, what: str) -> Tokens:
    found = answers.json_of(response, what)
    rotated = found.get("refresh_token")
    return Tokens(
        token=Secret(answers.text(found, "access_token", what)),
        lifetime=answers.seconds(found, "expires_in"),
        refresh_token=Secret(rotated) if isinstance(rotated, str) and rotated else None,
    )
