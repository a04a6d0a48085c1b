"""A client gives tokens back. RFC 7009."""

from datetime import datetime

from labpass.secret import Secret
from labpass_server.identity import digest, ports
from labpass_server.model import client, event, session


def revoke(tx: ports.Transaction, client: client.Client, token: Secret, *, now: datetime) -> None:
    """End what the token stands for, if it is this client's; anything else is silently nothing.

    A refresh token, used or not, takes its whole session with it; an access token only itself.
    """
    token_hash = digest.of(token)
    refresh = tx.refresh_tokens.find(token_hash)
    if refresh is not None:
        if refresh.session.client_id == client.id:
            _end(tx, refresh, now)
        return
    access = tx.access_tokens.find(token_hash)
    if access is not None and access.session.client_id == client.id:
        tx.access_tokens.remove(token_hash)


def _end(tx: ports.Transaction, found: session.RefreshToken, now: datetime) -> None:
    if tx.sessions.end(found.session.id, now, session.Ending.REVOKED):
        tx.events.add(
            event.Event(
                at=now,
                kind=event.Kind.SESSION_ENDED,
                actor=found.person.handle,
                subject=found.session.client_id,
            )
        )
