"""Clients: found, authenticated, registered and removed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from labpass.secret import Secret
from labpass_server.identity import digest, ports
from labpass_server.kit import random
from labpass_server.model import client, errors, event, redirect

_LONGEST_NAME: Final = 100
_ID: Final = re.compile(r"[!-~]{1,128}", re.ASCII)


def find(
    tx: ports.Transaction, targets: ports.Targets, issuer: str, client_id: str
) -> client.Client | None:
    """Return the client with this id: built in, a cluster's audience, or registered."""
    if not is_id(client_id):
        return None
    if client_id == client.LABPASS:
        return client.labpass(issuer)
    target = targets.find(tx, client_id)
    if target is not None:
        return client.of_cluster(target)
    found = tx.clients.find(client_id)
    return None if found is None else found.client


def is_id(text: str) -> bool:
    """Tell whether a client, or a cluster's audience, could be called so.

    Databases need not take every character there is: PostgreSQL has no text with a zero byte.
    """
    return _ID.fullmatch(text) is not None


def is_authentic(client: client.Client, secret: Secret | None) -> bool:
    """Tell whether the client has proven itself: a public one by sending no secret at all."""
    if client.secret_hash is None:
        return secret is None
    return secret is not None and digest.are_equal(digest.of(secret), client.secret_hash)


class Directory:
    """Every client there is, for doors."""

    def __init__(self, store: ports.Store, targets: ports.Targets, issuer: str) -> None:
        self._store = store
        self._targets = targets
        self._issuer = issuer

    async def find(self, client_id: str) -> client.Client | None:
        """Return the client with this id."""
        return await self._store.read(lambda tx: find(tx, self._targets, self._issuer, client_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A client to be registered."""

    name: str
    kind: client.Kind
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    requires_pkce: bool = True


class Clients:
    """Registered clients, for administrators. Whoever calls has checked that they may."""

    def __init__(self, store: ports.Store) -> None:
        self._store = store

    async def add(
        self,
        new: NewClient,
        *,
        actor: str,
        now: datetime,
    ) -> tuple[client.Registration, Secret | None]:
        """Register one; the secret of a confidential one is returned once and never again."""
        secret = Secret(random.token()) if new.kind is client.Kind.CONFIDENTIAL else None
        made = client.Client(
            id=client.ClientId(f"client-{random.identifier()}"),
            name=_valid_name(new.name),
            kind=new.kind,
            redirect_uris=_valid_uris(new.redirect_uris),
            post_logout_redirect_uris=tuple(
                redirect.register(uri, "post_logout_redirect_uris")
                for uri in new.post_logout_redirect_uris
            ),
            requires_pkce=_valid_pkce(new.kind, requires_pkce=new.requires_pkce),
            secret_hash=None if secret is None else digest.of(secret),
        )
        registration = client.Registration(client=made, created_by=actor, created_at=now)
        happened = event.Event(
            at=now,
            kind=event.Kind.CLIENT_ADDED,
            actor=actor,
            subject=made.id,
            detail={"name": made.name},
        )

        def work(tx: ports.Transaction) -> None:
            tx.clients.add(registration)
            tx.events.add(happened)

        await self._store.write(work)
        return registration, secret

    async def all(self) -> Sequence[client.Registration]:
        """Return all, by id."""
        return await self._store.read(lambda tx: tx.clients.all())

    async def get(self, client_id: str) -> client.Registration:
        """Return one. Raises `NotFound`."""
        found = await self._store.read(lambda tx: tx.clients.find(client_id))
        if found is None:
            raise errors.NotFound(f"client {client_id}")
        return found

    async def remove(self, client_id: str, *, actor: str, now: datetime) -> None:
        """Remove one; its sessions find no client any more. Raises `NotFound`."""
        happened = event.Event(
            at=now, kind=event.Kind.CLIENT_REMOVED, actor=actor, subject=client_id
        )

        def work(tx: ports.Transaction) -> None:
            if not tx.clients.remove(client.ClientId(client_id)):
                raise errors.NotFound(f"client {client_id}")
            tx.events.add(happened)

        await self._store.write(work)


def _valid_name(name: str) -> str:
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise errors.Invalid("name", f"1 to {_LONGEST_NAME} printable characters")
    return name.strip()


def _valid_uris(uris: Sequence[str]) -> tuple[str, ...]:
    if not uris:
        raise errors.Invalid("redirect_uris", "at least one")
    return tuple(redirect.register(uri) for uri in uris)


def _valid_pkce(kind: client.Kind, *, requires_pkce: bool) -> bool:
    if kind is client.Kind.PUBLIC and not requires_pkce:
        raise errors.Invalid("pkce", "only a confidential client may do without")
    return requires_pkce
