"""Registered clients."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from labpass_server.model import client as model
from labpass_server.storage.schema.identity import clients


class Clients:
    """The table of registered clients."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, registration: model.Registration) -> None:
        """Add one; an id that is taken raises `Conflict`."""
        client = registration.client
        self._connection.execute(
            clients.insert(),
            {
                "id": client.id,
                "name": client.name,
                "is_confidential": client.kind is model.Kind.CONFIDENTIAL,
                "secret_hash": client.secret_hash,
                "redirect_uris": json.dumps(client.redirect_uris),
                "post_logout_redirect_uris": json.dumps(client.post_logout_redirect_uris),
                "requires_pkce": client.requires_pkce,
                "created_by": registration.created_by,
                "created_at": registration.created_at,
            },
        )

    def find(self, client_id: str) -> model.Registration | None:
        """Return one; any text may be asked for."""
        statement = sa.select(clients).where(clients.c.id == client_id)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _registration(row)

    def all(self) -> Sequence[model.Registration]:
        """Return all, by id."""
        rows = self._connection.execute(sa.select(clients).order_by(clients.c.id))
        return [_registration(row) for row in rows]

    def remove(self, client_id: model.ClientId) -> bool:
        """Remove one; tell whether it was there."""
        statement = clients.delete().where(clients.c.id == client_id).returning(clients.c.id)
        return self._connection.execute(statement).one_or_none() is not None


def _registration(row: sa.Row[*tuple[Any, ...]]) -> model.Registration:
    kind = model.Kind.CONFIDENTIAL if row.is_confidential else model.Kind.PUBLIC
    return model.Registration(
        client=model.Client(
            id=model.ClientId(row.id),
            name=row.name,
            kind=kind,
            redirect_uris=tuple(json.loads(row.redirect_uris)),
            post_logout_redirect_uris=tuple(json.loads(row.post_logout_redirect_uris)),
            requires_pkce=row.requires_pkce,
            secret_hash=row.secret_hash,
        ),
        created_by=row.created_by,
        created_at=row.created_at,
    )
