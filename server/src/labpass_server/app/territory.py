"""The part of the server that is about access: use cases, the REST door, the reconciler."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from labpass_server.access import caller, clusters, mine, people, projects, refusals, rules
from labpass_server.access import ports as access_ports
from labpass_server.api import clients as clients_door
from labpass_server.api import clusters as clusters_door
from labpass_server.api import door, guard
from labpass_server.api import me as me_door
from labpass_server.api import people as people_door
from labpass_server.api import projects as projects_door
from labpass_server.api import rules as rules_door
from labpass_server.api.route import Route
from labpass_server.identity import bearer, canary
from labpass_server.identity import clients as registered
from labpass_server.identity import people as people_of
from labpass_server.identity import ports as identity_ports
from labpass_server.kit import clock, random
from labpass_server.kube.cluster import Cluster
from labpass_server.kube.probe import Probe
from labpass_server.reconcile import ports
from labpass_server.reconcile.reconciler import Reconciler
from labpass_server.signing.sealing import Sealer
from labpass_server.storage.database import Database
from labpass_server.storage.transaction import Transaction

ALONE: Final = timedelta(seconds=5)
AMONG_OTHERS: Final = timedelta(milliseconds=100)
"""How often a replica looks for what another has changed: one small query each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What it is joined from; ``certificate_authority`` is our private one in PEM, if any."""

    store: Database
    sealer: Sealer
    bearers: bearer.Bearers
    canaries: canary.Canaries
    people: people_of.People
    clients: registered.Clients
    issuer: str
    certificate_authority: str | None
    now: Callable[[], datetime] = clock.now
    probe: access_ports.Probe = field(default_factory=Probe)
    reach: ports.Reach = Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """The door, to be mounted, and the loop, to be run until it is cancelled."""

    door: door.Door
    reconciler: Reconciler


def join(given: Given, timed: Iterable[ports.Timed] = ()) -> Territory:
    """Make it. A use case wakes the loop as soon as its change is committed."""
    is_alone = given.store.engine.dialect.name == "sqlite"
    world = ports.World(
        store=given.store,
        sealer=given.sealer,
        reach=given.reach,
        holder=random.identifier(),
        clock=given.now,
        poll=ALONE if is_alone else AMONG_OTHERS,
    )
    reconciler = Reconciler(world, timed)
    gate = caller.Gate(given.store)
    guarded = guard.Guard(
        bearers=given.bearers,
        audience=f"{given.issuer}{door.PREFIX}",
        gate=gate,
        refusals=refusals.Refusals(store=given.store),
        clock=given.now,
    )
    routes = (*_own(given, reconciler.wake), *_of_identity(given, gate, reconciler.wake))
    return Territory(door=door.build(routes, guarded), reconciler=reconciler)


def _own(given: Given, changed: Callable[[], None]) -> Iterable[Route]:
    store = given.store
    known = clusters.Clusters(
        store=store,
        canaries=given.canaries,
        sealer=given.sealer,
        probe=given.probe,
        changed=changed,
    )
    described = clusters_door.Door(
        known, issuer=given.issuer, certificate_authority=given.certificate_authority
    )
    return (
        *me_door.Door(mine.Mine(store=store)).routes,
        *described.routes,
        *projects_door.Door(projects.Projects(store=store, changed=changed)).routes,
        *rules_door.Door(rules.Rules(store=store, changed=changed)).routes,
    )


def _of_identity(given: Given, gate: caller.Gate, changed: Callable[[], None]) -> Iterable[Route]:
    return (
        *people_door.Door(given.people, _Standing(changed), gate).routes,
        *clients_door.Door(given.clients, gate).routes,
    )


class _Standing:
    """Access's say in identity's transaction when a person changes."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.changed = changed

    def switching(
        self, caller: caller.Caller, handle: str, *, is_disabled: bool, now: datetime
    ) -> people_of.Check:
        def check(tx: identity_ports.Transaction) -> None:
            people.switching(_whole(tx), caller, handle, is_disabled=is_disabled, now=now)

        return check

    def resetting(self, caller: caller.Caller, handle: str, *, now: datetime) -> people_of.Check:
        def check(tx: identity_ports.Transaction) -> None:
            people.resetting(_whole(tx), caller, handle, now=now)

        return check


def _whole(tx: identity_ports.Transaction) -> Transaction:
    assert isinstance(tx, Transaction)
    return tx
