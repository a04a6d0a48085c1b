"""Sessions: what a sign-in leaves with a client, a family of rotating refresh tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from labpass_server.model import person
from labpass_server.model.authorization import Authorization, Scope
from labpass_server.model.client import ClientId

SessionId = NewType("SessionId", str)
BrowserId = NewType("BrowserId", str)

CODE_LIFETIME: Final = timedelta(seconds=60)
REMOTE_LIFETIME: Final = timedelta(minutes=5)
SIGN_IN_LIFETIME: Final = timedelta(minutes=30)
ACCESS_LIFETIME: Final = timedelta(minutes=10)
ID_LIFETIME: Final = timedelta(minutes=15)
SESSION_LIFETIME: Final = timedelta(hours=12)
BROWSER_LIFETIME: Final = timedelta(hours=12)
BROWSER_IDLE: Final = timedelta(hours=2)
GRACE: Final = timedelta(seconds=10)
DEVICE_LIFETIME: Final = timedelta(days=180)
PLACE_LIFETIME: Final = timedelta(days=30)


class Ending(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed out"
    REVOKED = "revoked by the client"
    REUSED = "refresh token used twice"
    CODE_REUSED = "code used twice"
    DISABLED = "person disabled"
    RESET = "password reset"
    CANCELLED = "sign-in cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One family. It ends at ``expires_at``, with the person, or when a used token comes back."""

    id: SessionId
    person_id: person.PersonId
    client_id: ClientId
    browser_id: BrowserId | None
    scope: tuple[Scope, ...]
    authenticated_at: datetime
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Tell whether nothing may be issued from it any more."""
        return self.ended_at is not None or now >= self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token as it is stored, with the session and the person it stands for.

    ``salt`` makes the successor out of the presented token; it is there from the redemption until
    the grace is over.
    """

    session: Session
    person: person.Person
    generation: int
    used_at: datetime | None
    salt: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccessToken:
    """An access token to be stored."""

    session_id: SessionId
    audience: str
    scope: tuple[Scope, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token as it is stored, with the session and the person it stands for."""

    session: Session
    person: person.Person
    audience: str
    scope: tuple[Scope, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code as it is stored. ``session_id`` is what was made of it."""

    authorization: Authorization
    person_id: person.PersonId
    browser_id: BrowserId | None
    authenticated_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    session_id: SessionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCode:
    """What a short code stands for; ``cancel_hash`` is of what the page that shows it can send."""

    code_hash: bytes
    cancel_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser that a person has signed in with."""

    id: BrowserId
    person: person.Person
    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Tell whether the person has to sign in again."""
        is_idle = now - self.seen_at >= BROWSER_IDLE
        return is_idle or now >= self.expires_at or self.person.is_disabled


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine without a browser that asked for a sign-in. ``name`` is its own claim."""

    name: str
    asked_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in under way in one browser, or waiting for one (``machine`` asked for it).

    ``network`` began it, and has only so many at a time.

    ``is_fresh``: the password was given in this very sign-in. ``is_confirmed``: the person said
    yes on the page that names the program.
    """

    authorization: Authorization
    created_at: datetime
    expires_at: datetime
    network: str
    machine: Machine | None = None
    browser_hash: bytes | None = None
    browser_id: BrowserId | None = None
    person_id: person.PersonId | None = None
    authenticated_at: datetime | None = None
    is_fresh: bool = False
    is_confirmed: bool = False
