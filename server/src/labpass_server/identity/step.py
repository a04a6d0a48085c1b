"""The steps of a sign-in: what comes next, decided from stored state alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from labpass.secret import Secret
from labpass_server.model import client, person, session
from labpass_server.model.authorization import Authorization, Prompt


class Need(StrEnum):
    """What is still missing."""

    PASSWORD = "password"  # noqa: S105 -- the name of a step
    NEW_PASSWORD = "new password"  # noqa: S105 -- the name of a step
    CONFIRMATION = "confirmation"
    NOTHING = "nothing"


class AuthorizationError(StrEnum):
    """What a client is told instead of a code. RFC 6749 §4.1.2.1; OpenID Connect Core §3.1.2.6."""

    ACCESS_DENIED = "access_denied"
    LOGIN_REQUIRED = "login_required"
    INTERACTION_REQUIRED = "interaction_required"
    CONSENT_REQUIRED = "consent_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPassword:
    """Show name and password; ``error`` says what was wrong with the last ones."""

    authorization: Authorization
    client: client.Client
    machine: session.Machine | None
    handle: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskNewPassword:
    """Show the change of a temporary password."""

    authorization: Authorization
    handle: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskConfirmation:
    """Show who asks for what, and wait for a yes."""

    authorization: Authorization
    client: client.Client
    person: person.Person
    machine: session.Machine | None
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Send the code to the client."""

    authorization: Authorization
    code: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCode:
    """Show the short code that the person carries to the other machine."""

    code: Secret
    expires_at: datetime
    person: person.Person
    machine: session.Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """Tell the client, or for another machine the person, that there is no code."""

    authorization: Authorization
    error: AuthorizationError
    description: str
    machine: session.Machine | None = None


Step: TypeAlias = AskPassword | AskNewPassword | AskConfirmation | Answer | ShowCode | Deny


def needed(sign_in: session.SignIn, client: client.Client, person: person.Person | None) -> Need:
    """Return what is missing before there may be a code."""
    if person is None or person.is_disabled:
        return Need.PASSWORD
    if person.password_is_temporary:
        return Need.NEW_PASSWORD
    if sign_in.is_fresh or sign_in.is_confirmed:
        return Need.NOTHING
    asked = sign_in.authorization
    is_silent = sign_in.machine is None and client.may_be_answered_silently(asked.redirect_uri)
    if not is_silent or Prompt.CONSENT in asked.prompts:
        return Need.CONFIRMATION
    return Need.NOTHING


def ask(
    need: Need, sign_in: session.SignIn, client: client.Client, person: person.Person | None
) -> Step:
    """Return the page that asks for what is missing."""
    asked = sign_in.authorization
    if person is not None and need is Need.NEW_PASSWORD:
        return AskNewPassword(authorization=asked, handle=person.handle)
    if person is not None and need is Need.CONFIRMATION:
        return AskConfirmation(
            authorization=asked,
            client=client,
            person=person,
            machine=sign_in.machine,
            asked_at=sign_in.created_at,
        )
    return AskPassword(
        authorization=asked,
        client=client,
        machine=sign_in.machine,
        handle=asked.login_hint or "",
    )


def denied(sign_in: session.SignIn, description: str) -> Deny:
    """Say no, to the client or to the person at the browser."""
    return Deny(
        authorization=sign_in.authorization,
        error=AuthorizationError.ACCESS_DENIED,
        description=description,
        machine=sign_in.machine,
    )


def fits(browser: session.Browser, asked: Authorization, now: datetime) -> bool:
    """Tell whether a browser's session will do for a request, or the person must sign in again."""
    if browser.is_over(now) or asked.prompts & {Prompt.LOGIN, Prompt.SELECT_ACCOUNT}:
        return False
    if asked.login_hint is not None and asked.login_hint != browser.person.handle:
        return False
    return asked.max_age is None or now - browser.authenticated_at <= asked.max_age


def silent_refusal(need: Need) -> AuthorizationError | None:
    """Return what ``prompt=none`` is told when something is missing."""
    match need:
        case Need.PASSWORD:
            return AuthorizationError.LOGIN_REQUIRED
        case Need.NEW_PASSWORD | Need.CONFIRMATION:
            return AuthorizationError.INTERACTION_REQUIRED
        case Need.NOTHING:
            return None
        case other:
            assert_never(other)
