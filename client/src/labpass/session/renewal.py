"""The credential state machine: cached, else renewed under the lock, else nobody is signed in.

    fresh in the cache ─────────────────────────────▶ hand it out
    else: lock, read again ── fresh by now ─────────▶ hand it out
    else: exchange, after a refresh when needed ────▶ save the session, save the token, hand it out
              dead session ─────────────────────────▶ delete it, leave a marker, `NotSignedIn`
              no answer ── the old one still works ─▶ hand that out
                           it does not ─────────────▶ `Unreachable`; never a browser

An outage and a dead session are different things: treating the first as the second is how other
plugins open tabs all night.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, assert_never

from labpass.problems import Forbidden, NotSignedIn, Unreachable
from labpass.secret import Secret
from labpass.session import credentials, files, held, keys, locks, profiles, store
from labpass.session.credentials import Credential
from labpass.session.folders import Folders
from labpass.session.store import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """A rotation: the old refresh token is spent."""

    refresh_token: Secret
    access_token: Secret
    access_lifetime: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A token for the audience that was asked for."""

    token: Secret
    lifetime: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """The server no longer knows this session, or this access token."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The session lives, and has no right to this audience."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """No usable answer: network, timeout, trouble at the server."""

    reason: str


class Authority(Protocol):
    """What the state machine asks of the server; `commands` brings the one that can reach it."""

    def refresh(self, session: Session) -> Refreshed | Dead | Unanswered:
        """Rotate the refresh token."""

    def exchange(
        self, session: Session, access_token: Secret, audience: str
    ) -> Issued | Dead | Refused | Unanswered:
        """Buy a token for one audience (RFC 8693)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose token for what, with the collaborators that get it."""

    folders: Folders
    issuer: str
    profile: str
    audience: str
    now: Callable[[], datetime]
    note: Callable[[str], None]

    @property
    def key(self) -> keys.CredentialKey:
        """The name under which the token is cached."""
        return keys.for_credential(issuer=self.issuer, audience=self.audience, profile=self.profile)


def credential(asked: Asked, authority: Authority) -> Credential:
    """Return a live token.

    Raises `NotSignedIn`, `Unreachable`, `Forbidden` (the server's own words), `TimedOut` when
    another process holds the lock for too long, `files.CannotWrite` when a rotation could not be
    saved.
    """
    cached = credentials.find(asked.folders, asked.key)
    if cached is not None and cached.is_fresh(asked.now()):
        return cached
    with locks.hold(store.lock(asked.folders, issuer=asked.issuer, profile=asked.profile)):
        cached = credentials.find(asked.folders, asked.key)
        if cached is not None and cached.is_fresh(asked.now()):
            return cached
        return _renew(asked, authority, cached)


def _renew(asked: Asked, authority: Authority, cached: Credential | None) -> Credential:
    try:
        outcome = _buy(asked, authority)
    except files.CannotWrite as e:
        if cached is None or not cached.is_usable(asked.now()):
            raise
        asked.note(f"{e.message} The token from before is used while it lasts.")
        return cached
    match outcome:
        case Issued():
            return _keep(asked, outcome)
        case Unanswered(reason=reason) if cached is not None and cached.is_usable(asked.now()):
            asked.note(f"{reason} The token from before is used while it lasts.")
            return cached
        case Unanswered(reason=reason):
            raise Unreachable(reason, hint="You are still signed in; try again later.")
        case Refused(reason=reason):
            words = f"{asked.issuer} gives no token for this: {reason}"
            raise Forbidden(words, hint="Yours are: labpass project list")
        case Dead():
            raise not_signed_in(asked)
        case other:
            assert_never(other)


def _buy(asked: Asked, authority: Authority) -> Issued | Dead | Refused | Unanswered:
    """Exchange, with the access token at hand or with a new one."""
    session = store.load(asked.folders, issuer=asked.issuer, profile=asked.profile)
    if session is None:
        raise not_signed_in(asked)
    if session.access_token is not None and _lives(session, asked.now()):
        outcome = authority.exchange(session, session.access_token, asked.audience)
        if not isinstance(outcome, Dead):
            return outcome
    refreshed = _refresh(asked, authority, session)
    if not isinstance(refreshed, Refreshed):
        return refreshed
    return authority.exchange(session, refreshed.access_token, asked.audience)


def _lives(session: Session, now: datetime) -> bool:
    until = session.access_expires_at
    return until is not None and until - now > credentials.EARLIER


def _refresh(asked: Asked, authority: Authority, session: Session) -> Refreshed | Dead | Unanswered:
    """Rotate, with the place to save the new token taken beforehand."""
    with store.saving(asked.folders, issuer=asked.issuer, profile=asked.profile) as place:
        outcome = authority.refresh(session)
        if isinstance(outcome, Refreshed):
            place.save(
                replace(
                    session,
                    refresh_token=outcome.refresh_token,
                    access_token=outcome.access_token,
                    access_expires_at=asked.now() + outcome.access_lifetime,
                )
            )
    if isinstance(outcome, Dead):
        store.end(asked.folders, session, now=asked.now(), reason=outcome.reason)
    return outcome


def _keep(asked: Asked, outcome: Issued) -> Credential:
    """Cache the token. A cache that cannot be written is never a reason to withhold it."""
    fresh = credentials.issued(outcome.token, lifetime=outcome.lifetime, now=asked.now())
    try:
        held.note(asked.folders, asked.key, issuer=asked.issuer, profile=asked.profile)
        credentials.save(asked.folders, asked.key, fresh)
    except files.CannotWrite as e:
        asked.note(e.message)
    return fresh


def not_signed_in(asked: Asked) -> NotSignedIn:
    """Say whose session ended and when, as far as it is known."""
    ended = store.find_ended(asked.folders, issuer=asked.issuer, profile=asked.profile)
    hint = f"Run: {profiles.command('login', asked.profile)}"
    if ended is None:
        return NotSignedIn(f"Not signed in to {asked.issuer}.", hint=hint)
    ago = in_words(asked.now() - ended.at)
    return NotSignedIn(
        f"The session for {ended.handle} at {ended.issuer} ended {ago} ago.", hint=hint
    )


def in_words(span: timedelta) -> str:
    """Say a length of time in its largest unit: 50 s, 12 min, 2 h, 3 d."""
    seconds = max(int(span.total_seconds()), 0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
