"""Use cases of clusters: the record, the bundle for a node, the connection of the reconciler."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from labpass.secret import Secret
from labpass_server.access import caller as callers
from labpass_server.access import events
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Canaries, Canary, Probe, Sealer, Store, Transaction
from labpass_server.kit import random
from labpass_server.model import cluster, rule
from labpass_server.model.errors import Conflict, Invalid, NotFound, Unavailable
from labpass_server.model.role import Permission

BUNDLE_LIFETIME: Final = timedelta(hours=2)
LONGEST_BUNDLE_LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCluster:
    """What an administrator says about a cluster that shall be known."""

    name: str
    server: str | None
    certificate_authority: str | None
    username_prefix: str
    algorithm: cluster.Algorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """What `labpass cluster connect` brings back from a cluster."""

    server: str
    certificate_authority: str | None
    token: Secret
    token_expires_at: datetime
    installed_definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cluster with how it stands."""

    record: cluster.Cluster
    connection: cluster.Connection | None
    last_pass: cluster.Pass | None

    @property
    def state(self) -> cluster.State:
        """How far it has come."""
        return cluster.state(self.connection, self.last_pass)


class Clusters:
    """Everything one can do with clusters. Whoever calls needs CLUSTER_READ or CLUSTER_WRITE."""

    def __init__(
        self,
        *,
        store: Store,
        canaries: Canaries,
        sealer: Sealer,
        probe: Probe,
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._canaries = canaries
        self._sealer = sealer
        self._probe = probe
        self._changed = changed

    async def all(self, caller: Caller, *, now: datetime) -> Sequence[Shown]:
        """Return every cluster, by name."""

        def work(tx: Transaction) -> list[Shown]:
            _require(tx, caller, Permission.CLUSTER_READ, now)
            return [_shown(tx, each) for each in tx.clusters.all()]

        return await self._store.read(work)

    async def get(self, caller: Caller, name: str, *, now: datetime) -> Shown:
        """Return one cluster."""

        def work(tx: Transaction) -> Shown:
            _require(tx, caller, Permission.CLUSTER_READ, now)
            return _shown(tx, _get(tx, name))

        return await self._store.read(work)

    async def add(self, caller: Caller, new: NewCluster, *, now: datetime) -> Shown:
        """Make the record and its audience, which is random and never changes."""
        name = cluster.valid_name(new.name)
        prefix = cluster.valid_prefix(new.username_prefix)
        _check_address(new.server, new.certificate_authority)

        def work(tx: Transaction) -> Shown:
            _require(tx, caller, Permission.CLUSTER_WRITE, now)
            if tx.clusters.find(name) is not None:
                raise Conflict(f"there is a cluster {name} already")
            made = cluster.Cluster(
                id=cluster.ClusterId(random.identifier()),
                name=name,
                audience=cluster.audience(name, random.identifier(8)),
                installation=_installation(tx),
                server=new.server,
                certificate_authority=new.certificate_authority,
                username_prefix=prefix,
                groups_prefix=prefix,
                algorithm=new.algorithm,
                created_at=now,
            )
            tx.clusters.add(made)
            events.append(tx, caller, events.Kind.CLUSTER_ADDED, name, now=now)
            return _shown(tx, made)

        return await self._store.write(work)

    async def remove(self, caller: Caller, name: str, *, now: datetime) -> None:
        """Forget a cluster. What is on it stays as it is: nobody's work is touched."""

        def work(tx: Transaction) -> None:
            _require(tx, caller, Permission.CLUSTER_WRITE, now)
            found = _get(tx, name)
            tx.clusters.remove(found.id)
            tx.revisions.bump()
            events.append(tx, caller, events.Kind.CLUSTER_REMOVED, name, now=now)

        await self._store.write(work)
        self._changed()

    async def bundle(
        self, caller: Caller, name: str, *, lifetime: timedelta, now: datetime
    ) -> tuple[cluster.Cluster, Canary]:
        """Return the cluster and two canary tokens, for whoever makes its API server trust us."""
        if not timedelta(minutes=1) <= lifetime <= LONGEST_BUNDLE_LIFETIME:
            raise Invalid("lifetime_minutes", "1 to 1440")

        def work(tx: Transaction) -> cluster.Cluster:
            _require(tx, caller, Permission.CLUSTER_WRITE, now)
            found = _get(tx, name)
            events.append(tx, caller, events.Kind.CLUSTER_BUNDLED, name, now=now)
            return found

        found = await self._store.write(work)
        return found, await self._canaries.issue(found.target, lifetime=lifetime, now=now)

    async def connect(
        self, caller: Caller, name: str, new: NewConnection, *, now: datetime
    ) -> Shown:
        """Keep how to reach a cluster, after the account's token has proven itself there."""
        _check_address(new.server, new.certificate_authority)
        known = await self.get(caller, name, now=now)
        await self._store.read(lambda tx: _require(tx, caller, Permission.CLUSTER_WRITE, now))
        version = await self._probe.version(
            cluster.Credential(
                server=new.server,
                certificate_authority=new.certificate_authority,
                token=new.token,
            )
        )
        sealed = self._sealer.seal(
            new.token.reveal().encode(), purpose=cluster.token_purpose(known.record.id)
        )

        def work(tx: Transaction) -> Shown:
            _require(tx, caller, Permission.CLUSTER_WRITE, now)
            found = _get(tx, name)
            if found.id != known.record.id:  # removed and added again while we asked the cluster
                raise Conflict(f"the cluster {name} is another one now")
            _refuse_twice(tx, found, new.server)
            tx.clusters.connect(
                cluster.Connection(
                    cluster_id=found.id,
                    server=new.server,
                    certificate_authority=new.certificate_authority,
                    sealed_token=sealed,
                    token_expires_at=new.token_expires_at,
                    token_renewed_at=now,
                    kubernetes_version=version,
                    installed_definition=new.installed_definition,
                )
            )
            if found.server is None:
                tx.clusters.relocate(
                    found.id,
                    server=new.server,
                    certificate_authority=new.certificate_authority,
                )
            tx.revisions.bump()
            events.append(tx, caller, events.Kind.CLUSTER_CONNECTED, name, now=now)
            return _shown(tx, _get(tx, name))

        shown = await self._store.write(work)
        self._changed()
        return shown

    async def disconnect(self, caller: Caller, name: str, *, now: datetime) -> None:
        """Forget how to reach a cluster; its record and audience stay."""

        def work(tx: Transaction) -> None:
            _require(tx, caller, Permission.CLUSTER_WRITE, now)
            tx.clusters.disconnect(_get(tx, name).id)
            tx.revisions.bump()
            events.append(tx, caller, events.Kind.CLUSTER_DISCONNECTED, name, now=now)

        await self._store.write(work)
        self._changed()


def _require(tx: Transaction, caller: Caller, permission: Permission, now: datetime) -> None:
    callers.require(tx, caller, permission, rule.Organisation(), now=now)


def _get(tx: Transaction, name: str) -> cluster.Cluster:
    found = tx.clusters.find(name)
    if found is None:
        raise NotFound(f"cluster {name}")
    return found


def _installation(tx: Transaction) -> str:
    found = tx.installation.find()
    if found is None:
        raise Unavailable("the installation has not begun")
    return found


def _shown(tx: Transaction, found: cluster.Cluster) -> Shown:
    return Shown(
        record=found,
        connection=tx.clusters.connection(found.id),
        last_pass=tx.clusters.last_pass(found.id),
    )


def _refuse_twice(tx: Transaction, found: cluster.Cluster, server: str) -> None:
    """One API server under two records: each would take away what the other one gives."""
    for each in tx.clusters.all():
        link = tx.clusters.connection(each.id)
        if each.id != found.id and link is not None and link.server == server:
            raise Conflict(f"{server} is connected already, as the cluster {each.name}")


def _check_address(server: str | None, certificate_authority: str | None) -> None:
    if server is not None:
        cluster.valid_server(server)
    if certificate_authority is not None:
        cluster.valid_certificate_authority(certificate_authority)
