"""Access tokens presented to us: at userinfo, at exchange, at the REST API."""

from datetime import datetime

from labpass.secret import Secret
from labpass_server.identity import digest, ports
from labpass_server.model import session


def find(
    tx: ports.Transaction, token: Secret, audience: str, now: datetime
) -> session.AccessToken | None:
    """Return what a live token of this audience stands for.

    The session behind it must live and the person be enabled: both are looked at on every use.
    """
    found = tx.access_tokens.find(digest.of(token))
    if found is None or found.audience != audience or now >= found.expires_at:
        return None
    if found.session.is_over(now) or found.person.is_disabled:
        return None
    return found


class Bearers:
    """The same for doors."""

    def __init__(self, store: ports.Store) -> None:
        self._store = store

    async def find(
        self, token: Secret, *, audience: str, now: datetime
    ) -> session.AccessToken | None:
        """Return what a live token of this audience stands for."""
        return await self._store.read(lambda tx: find(tx, token, audience, now))
