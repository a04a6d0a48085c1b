"""A code becomes a session: redeemed in one statement, bound to client, URI and verifier."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from labpass.secret import Secret
from labpass_server.identity import digest, issuing, ports
from labpass_server.identity.outcome import Granted, Outcome, dead
from labpass_server.kit import random
from labpass_server.model import client, event, person, session
from labpass_server.model.authorization import Scope

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_SPOKEN: Final = re.compile(r"[A-Z2-9]{8}", re.ASCII)
_REFUSED: Final = "the code is unknown, used, too old, or not for this client; sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What a client brings."""

    code: Secret
    redirect_uri: str | None
    verifier: Secret | None


def redeem(turn: issuing.Turn, presented: Presented) -> Outcome:
    """Redeem a code. A second use of one ends the session that the first one made."""
    tx, now = turn.tx, turn.now
    code_hash = _hash(tx, presented)
    if code_hash is None:
        return dead(_REFUSED)
    session_id = session.SessionId(random.identifier())
    code = tx.codes.redeem(code_hash, now, session_id)
    if code is None:
        _punish_reuse(tx, code_hash, now)
        return dead(_REFUSED)
    if not _fits(code, turn.client, presented, now):
        return dead(_REFUSED)
    found = tx.people.find(code.person_id)
    if found is None or found.is_disabled:
        return dead(_REFUSED)
    refused = turn.refusal(found, turn.client.target)
    return refused or _begin(turn, code, found, session_id)


def s256(verifier: Secret) -> str:
    """Return the challenge of a verifier (RFC 7636 §4.2)."""
    octets = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _hash(tx: ports.Transaction, presented: Presented) -> bytes | None:
    """Return under which hash the code is stored; a short one counts as an attempt first."""
    spoken = presented.code.reveal().replace("-", "").replace(" ", "").upper()
    if not _SPOKEN.fullmatch(spoken):
        return digest.of(presented.code)
    if presented.verifier is None:
        return None
    challenge = s256(presented.verifier)
    expected = tx.remote_codes.attempt(challenge)
    given = digest.of_spoken(challenge, spoken)
    return given if expected is not None and digest.are_equal(expected, given) else None


def _fits(code: session.Code, client: client.Client, presented: Presented, now: datetime) -> bool:
    asked = code.authorization
    return (
        now < code.expires_at
        and asked.client_id == client.id
        and asked.redirect_uri == presented.redirect_uri
        and _is_proven(asked.challenge, presented.verifier)
    )


def _is_proven(challenge: str | None, verifier: Secret | None) -> bool:
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    if not _VERIFIER.fullmatch(verifier.reveal()):
        return False
    return digest.are_equal(challenge.encode(), s256(verifier).encode())


def _punish_reuse(tx: ports.Transaction, code_hash: bytes, now: datetime) -> None:
    code = tx.codes.find(code_hash)
    if code is None or code.session_id is None:
        return
    if tx.sessions.end(code.session_id, now, session.Ending.CODE_REUSED):
        tx.events.add(
            event.Event(
                at=now,
                kind=event.Kind.CODE_REUSED,
                subject=code.person_id,
                detail={"client": code.authorization.client_id},
            )
        )


def _begin(
    turn: issuing.Turn, code: session.Code, found: person.Person, session_id: session.SessionId
) -> Granted:
    asked, now = code.authorization, turn.now
    begun = session.Session(
        id=session_id,
        person_id=found.id,
        client_id=turn.client.id,
        browser_id=code.browser_id,
        scope=asked.scope,
        authenticated_at=code.authenticated_at,
        created_at=now,
        expires_at=now + session.SESSION_LIFETIME,
    )
    turn.tx.sessions.add(begun)
    happened = event.Event(
        at=now, kind=event.Kind.SESSION_BEGUN, actor=found.handle, subject=begun.client_id
    )
    turn.tx.events.add(happened)
    issuing.enter(turn, begun, found, turn.client.target)
    return Granted(
        expires_in=session.ACCESS_LIFETIME,
        scope=asked.scope,
        access_token=issuing.access_token(turn, begun, scope=asked.scope),
        refresh_token=_refresh_token(turn, begun),
        id_token=turn.authority.id_token(turn.client, begun, found, now=now, nonce=asked.nonce),
    )


def _refresh_token(turn: issuing.Turn, begun: session.Session) -> Secret | None:
    if Scope.OFFLINE_ACCESS not in begun.scope:
        return None
    token = Secret(random.token())
    turn.tx.refresh_tokens.add(digest.of(token), begun.id, 0, turn.now)
    return token
