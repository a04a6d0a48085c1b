"""A refresh token becomes its successor, and an access and an ID token.

One atomic statement decides who rotates. Whoever comes with the same token within a few seconds
gets the same successor; afterwards a used token ends the whole session.
"""

from typing import Final

from labpass.secret import Secret
from labpass_server.identity import digest, issuing, successor
from labpass_server.identity.outcome import Granted, Outcome, Refused, TokenError, dead
from labpass_server.kit import random
from labpass_server.model import event, session
from labpass_server.model.authorization import Scope


def rotate(
    turn: issuing.Turn, presented: Secret, *, scope: tuple[Scope, ...] | None = None
) -> Outcome:
    """Redeem a refresh token. ``scope`` may narrow what the access token is good for."""
    found = turn.tx.refresh_tokens.find(digest.of(presented))
    if found is None:
        return dead(_UNKNOWN)
    narrowed = found.session.scope if scope is None else scope
    refused = _refusal(turn, found, narrowed)
    if refused is not None:
        return refused
    next_token = _successor(turn, presented, found)
    if next_token is None:
        return _punish_reuse(turn, found)
    return Granted(
        expires_in=session.ACCESS_LIFETIME,
        scope=narrowed,
        access_token=issuing.access_token(turn, found.session, scope=narrowed),
        refresh_token=next_token,
        id_token=turn.authority.id_token(turn.client, found.session, found.person, now=turn.now),
    )


_UNKNOWN: Final = "the session is unknown or over; sign in again"


def _refusal(
    turn: issuing.Turn, found: session.RefreshToken, scope: tuple[Scope, ...]
) -> Refused | None:
    if found.session.client_id != turn.client.id or found.session.is_over(turn.now):
        return dead(_UNKNOWN)
    if found.person.is_disabled:
        turn.tx.sessions.end_all(found.person.id, turn.now, session.Ending.DISABLED)
        return dead(_UNKNOWN)
    if not set(scope) <= set(found.session.scope):
        return Refused(error=TokenError.INVALID_SCOPE, description="more than was granted")
    return turn.refusal(found.person, turn.client.target)


def _successor(turn: issuing.Turn, presented: Secret, found: session.RefreshToken) -> Secret | None:
    """Return the next token: a new one, a racing twin's, or none when the grace is over."""
    tokens, now = turn.tx.refresh_tokens, turn.now
    salt = random.octets(successor.SALT)
    if found.used_at is None and tokens.redeem(digest.of(presented), now, salt):
        made = successor.of(presented, salt)
        tokens.add(digest.of(made), found.session.id, found.generation + 1, now)
        return made
    used = found if found.used_at is not None else tokens.find(digest.of(presented))
    if used is None or used.used_at is None or used.salt is None:
        return None
    is_grace = now - used.used_at <= session.GRACE
    return successor.of(presented, used.salt) if is_grace else None


def _punish_reuse(turn: issuing.Turn, found: session.RefreshToken) -> Refused:
    turn.tx.sessions.end(found.session.id, turn.now, session.Ending.REUSED)
    turn.tx.events.add(
        event.Event(
            at=turn.now,
            kind=event.Kind.TOKEN_REUSED,
            subject=found.person.handle,
            detail={"client": found.session.client_id, "generation": str(found.generation)},
        )
    )
    return dead(_UNKNOWN)
