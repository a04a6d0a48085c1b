"""Joins the authority: database, keys and hashing into use cases, those into the door."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from labpass_server.access import entry, founding
from labpass_server.hashing import passwords as hashing
from labpass_server.identity import (
    bearer,
    canary,
    clients,
    desk,
    dispatch,
    issuing,
    keyring,
    passwords,
    people,
    ports,
    set_up,
    sign_in,
    sign_out,
    terminal,
    tidying,
)
from labpass_server.model import cluster, handle, person
from labpass_server.model.policy import EVERYTHING, Policy
from labpass_server.oidc.door import Door
from labpass_server.signing import keysmith, sealing, verifier
from labpass_server.storage import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The use cases of identity, and the door before them."""

    door: Door
    keys: keyring.Keyring
    bearers: bearer.Bearers
    passwords: passwords.Passwords
    people: people.People
    clients: clients.Clients
    canaries: canary.Canaries
    set_up: set_up.SetUp
    tidying: tidying.Tidying


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The adapters. ``signing`` runs signatures beside the loop."""

    store: ports.Store
    sealer: sealing.Sealer
    hasher: hashing.Passwords
    signing: Executor
    now: Callable[[], datetime]


def build(parts: Parts, *, issuer: str, policy: Policy = EVERYTHING) -> Authority:
    """Join it; `keyring.Keyring.rotate` has to run once before anything can be signed."""
    store, targets = parts.store, _Targets()
    keys = keyring.Keyring(store, keysmith.Keysmith(parts.sealer))
    issuers = issuing.Authority(issuer=issuer, targets=targets)
    checked = passwords.Passwords(store, parts.hasher)
    bearers = bearer.Bearers(store)
    door = Door(
        issuer=issuer,
        directory=clients.Directory(store, targets, issuer),
        sign_ins=sign_in.SignIns(store, dispatch.Dispatcher(issuers), checked, policy),
        sign_outs=sign_out.SignOuts(store, keys, verifier.read, issuer),
        terminal=terminal.Terminal(store, checked, policy),
        desk=desk.Desk(store, issuers, keys, parts.signing),
        bearers=bearers,
        keys=keys,
        now=parts.now,
    )
    return Authority(
        door=door,
        keys=keys,
        bearers=bearers,
        passwords=checked,
        people=people.People(store, checked),
        clients=clients.Clients(store),
        canaries=canary.Canaries(store, keys, issuer),
        set_up=set_up.SetUp(store, checked, _found),
        tidying=tidying.Tidying(store),
    )


class _Targets:
    """Access's answers to identity's questions, inside identity's own transaction."""

    def find(self, tx: ports.Transaction, audience: str) -> cluster.Target | None:
        return entry.find(_whole(tx), audience)

    def reaches(
        self,
        tx: ports.Transaction,
        person_id: person.PersonId,
        target: cluster.Target,
        now: datetime,
    ) -> bool:
        return entry.reaches(_whole(tx), person_id, target, now)

    def grantors(self, tx: ports.Transaction, target: cluster.Target, now: datetime) -> str:
        return entry.grantors(_whole(tx), target, now)


def _found(tx: ports.Transaction, name: handle.Handle, *, now: datetime) -> None:
    founding.found(_whole(tx), name, now=now)


def _whole(tx: ports.Transaction) -> transaction.Transaction:
    """Return the transaction with every room's tables: identity and access know only their own."""
    assert isinstance(tx, transaction.Transaction)
    return tx
