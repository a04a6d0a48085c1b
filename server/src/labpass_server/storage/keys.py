"""Signing keys, sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labpass_server.model import key as model
from labpass_server.model.cluster import Algorithm
from labpass_server.storage.schema.identity import keys


class Keys:
    """The table of signing keys."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[model.Key]:
        """Return all, oldest first, also those of which only the public half is left."""
        rows = self._connection.execute(sa.select(keys).order_by(keys.c.published_at, keys.c.id))
        return [_key(row) for row in rows]

    def add(self, key: model.Key) -> None:
        """Publish one."""
        self._connection.execute(
            keys.insert(),
            {
                "id": key.id,
                "algorithm": key.algorithm.value,
                "public_jwk": key.public_jwk,
                "sealed": key.sealed,
                "published_at": key.published_at,
                "signs_from": key.signs_from,
            },
        )

    def promote(self, key_id: model.KeyId, now: datetime) -> bool:
        """Let one sign; of several replicas exactly one is told ``True``."""
        statement = (
            keys.update()
            .where(keys.c.id == key_id, keys.c.signs_from.is_(None))
            .values(signs_from=now)
            .returning(keys.c.id)
        )
        return self._connection.execute(statement).one_or_none() is not None

    def retire(self, key_id: model.KeyId, now: datetime) -> None:
        """Let one no longer sign."""
        self._connection.execute(
            keys.update()
            .where(keys.c.id == key_id, keys.c.retired_at.is_(None))
            .values(retired_at=now)
        )

    def erase(self, key_id: model.KeyId) -> None:
        """Forget the private half."""
        self._connection.execute(keys.update().where(keys.c.id == key_id).values(sealed=None))


def _key(row: sa.Row[*tuple[Any, ...]]) -> model.Key:
    return model.Key(
        id=model.KeyId(row.id),
        algorithm=Algorithm(row.algorithm),
        public_jwk=row.public_jwk,
        sealed=row.sealed,
        published_at=row.published_at,
        signs_from=row.signs_from,
        retired_at=row.retired_at,
    )
