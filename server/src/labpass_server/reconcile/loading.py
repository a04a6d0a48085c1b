"""What one pass works from, read in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from labpass_server.model import objects
from labpass_server.model.cluster import Cluster, ClusterId, Connection, Pass
from labpass_server.reconcile.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The state of one cluster in the database; ``next_end`` is when a rule ends by itself.

    ``has_ended`` says that one did since the last pass.
    """

    cluster: Cluster
    connection: Connection
    last_pass: Pass | None
    revision: int
    wanted: objects.Wanted
    next_end: datetime | None
    has_ended: bool

    @property
    def names(self) -> Collection[str]:
        """The names of the wanted namespaces."""
        return [each.name for each in self.wanted.namespaces]


def load(tx: Transaction, cluster_id: ClusterId, now: datetime) -> Loaded | None:
    """Read it; ``None`` for a cluster that is gone or not connected."""
    cluster = tx.clusters.find_by_id(cluster_id)
    connection = tx.clusters.connection(cluster_id)
    if cluster is None or connection is None:
        return None
    # The revision first: a change that comes in between is then seen again, never missed.
    revision = tx.revisions.current()
    projects = tx.projects.all()
    held = objects.grants(cluster, projects, tx.rules.all(), now=now, barred=tx.rules.barred())
    last = tx.clusters.last_pass(cluster_id)
    ended = tx.rules.next_end(last.at) if last else None
    return Loaded(
        cluster=cluster,
        connection=connection,
        last_pass=last,
        revision=revision,
        wanted=objects.wanted(cluster, projects, held),
        next_end=tx.rules.next_end(now),
        has_ended=ended is not None and ended <= now,
    )
