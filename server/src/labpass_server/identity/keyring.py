"""The signing keys of this installation: what signs now, what is published, and their rotation.

Rows are read again every few seconds, so a replica learns of another's rotation; opened keys are
kept, for opening costs more than signing.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from labpass_server.identity import ports
from labpass_server.model import errors, event, key
from labpass_server.model.cluster import Algorithm

FRESH_FOR: Final = timedelta(seconds=10)


class Keyring:
    """Keys by algorithm. All state is a cache of rows."""

    def __init__(self, store: ports.Store, keysmith: ports.Keysmith) -> None:
        self._store = store
        self._keysmith = keysmith
        self._rows: Sequence[key.Key] = ()
        self._read_at: datetime | None = None
        self._signers: dict[key.KeyId, ports.Signer] = {}

    async def signer(self, algorithm: Algorithm, now: datetime) -> ports.Signer:
        """Return what signs now. Raises `Unavailable` before the first `rotate`."""
        current = key.signing(await self._keys(now), algorithm, now)
        if current is None:
            raise errors.Unavailable("a signing key")
        if current.id not in self._signers:
            self._signers[current.id] = self._keysmith.open(current)
        return self._signers[current.id]

    async def published(self, now: datetime) -> list[dict[str, Any]]:
        """Return the public JWKs that verifiers may see: next, current and lately retired."""
        rows = await self._keys(now)
        return [json.loads(row.public_jwk) for row in rows if row.is_published(now)]

    async def all(self, now: datetime) -> Sequence[key.Key]:
        """Return every key there ever was, to know old tokens as hints."""
        return await self._keys(now)

    async def rotate(self, now: datetime) -> None:
        """Do what is due; to be called by the loop every few minutes, in any number of replicas."""
        for algorithm in Algorithm:
            rows = await self._store.read(lambda tx: tx.keys.all())
            due = key.plan(rows, algorithm, now)
            made = [self._make(algorithm, now)] if due.makes_next else []
            if due.makes_first:
                made.append(self._make(algorithm, now, signs_from=now))
            await self._store.write(_record(due, made, now))
        self._read_at = None

    def _make(
        self, algorithm: Algorithm, now: datetime, *, signs_from: datetime | None = None
    ) -> key.Key:
        key_id, public_jwk, sealed = self._keysmith.make(algorithm)
        return key.Key(
            id=key_id,
            algorithm=algorithm,
            public_jwk=public_jwk,
            sealed=sealed,
            published_at=now,
            signs_from=signs_from,
        )

    async def _keys(self, now: datetime) -> Sequence[key.Key]:
        if self._read_at is None or not timedelta(0) <= now - self._read_at < FRESH_FOR:
            self._rows = await self._store.read(lambda tx: tx.keys.all())
            self._read_at = now
        return self._rows


def _record(
    due: key.Rotation, made: Sequence[key.Key], now: datetime
) -> Callable[[ports.Transaction], None]:
    def work(tx: ports.Transaction) -> None:
        for each in made:
            tx.keys.add(each)
            tx.events.add(event.Event(at=now, kind=event.Kind.KEY_PUBLISHED, subject=each.id))
        if due.promotes is not None and tx.keys.promote(due.promotes, now):
            tx.events.add(event.Event(at=now, kind=event.Kind.KEY_PROMOTED, subject=due.promotes))
        for key_id in due.retires:
            tx.keys.retire(key_id, now)
        for key_id in due.erases:
            tx.keys.erase(key_id)
            tx.events.add(event.Event(at=now, kind=event.Kind.KEY_REMOVED, subject=key_id))

    return work
