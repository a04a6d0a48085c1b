"""Clusters, their connections, and what the last pass over each left to say."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from labpass_server.model import cluster as model
from labpass_server.storage.schema.access import clusters, connections, passes


class Clusters:
    """The tables of clusters."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, cluster: model.Cluster) -> None:
        """Add a record; a name or audience that exists raises `Conflict`."""
        self._connection.execute(
            clusters.insert().values(
                id=cluster.id,
                name=cluster.name,
                audience=cluster.audience,
                installation=cluster.installation,
                server=cluster.server,
                certificate_authority=cluster.certificate_authority,
                username_prefix=cluster.username_prefix,
                groups_prefix=cluster.groups_prefix,
                algorithm=cluster.algorithm.value,
                created_at=cluster.created_at,
            )
        )

    def find(self, name: str) -> model.Cluster | None:
        """Return the cluster of this name; any text may be asked for."""
        return self._one(clusters.c.name == name)

    def find_by_id(self, cluster_id: model.ClusterId) -> model.Cluster | None:
        """Return the cluster with this id."""
        return self._one(clusters.c.id == cluster_id)

    def find_by_audience(self, audience: str) -> model.Cluster | None:
        """Return the cluster whose tokens are made out for this audience."""
        return self._one(clusters.c.audience == audience)

    def all(self) -> Sequence[model.Cluster]:
        """Return every cluster, by name."""
        rows = self._connection.execute(sa.select(clusters).order_by(clusters.c.name))
        return [_cluster(row) for row in rows]

    def relocate(
        self, cluster_id: model.ClusterId, *, server: str, certificate_authority: str | None
    ) -> None:
        """Replace where kubeconfigs find it."""
        self._connection.execute(
            clusters.update()
            .where(clusters.c.id == cluster_id)
            .values(server=server, certificate_authority=certificate_authority)
        )

    def remove(self, cluster_id: model.ClusterId) -> None:
        """Remove the record with its connection and the placements of projects on it."""
        self._connection.execute(clusters.delete().where(clusters.c.id == cluster_id))

    def connect(self, connection: model.Connection) -> None:
        """Replace how the reconciler reaches the cluster."""
        self._connection.execute(
            connections.delete().where(connections.c.cluster_id == connection.cluster_id)
        )
        self._connection.execute(
            connections.insert().values(
                cluster_id=connection.cluster_id,
                server=connection.server,
                certificate_authority=connection.certificate_authority,
                sealed_token=connection.sealed_token,
                token_expires_at=connection.token_expires_at,
                token_renewed_at=connection.token_renewed_at,
                kubernetes_version=connection.kubernetes_version,
                installed_definition=connection.installed_definition,
            )
        )

    def disconnect(self, cluster_id: model.ClusterId) -> None:
        """Forget how to reach the cluster, and how the last pass went."""
        for table in (connections, passes):
            self._connection.execute(table.delete().where(table.c.cluster_id == cluster_id))

    def connected(self) -> frozenset[model.ClusterId]:
        """Return which clusters the reconciler can reach."""
        rows = self._connection.execute(sa.select(connections.c.cluster_id)).scalars()
        return frozenset(model.ClusterId(each) for each in rows)

    def connection(self, cluster_id: model.ClusterId) -> model.Connection | None:
        """Return how the reconciler reaches the cluster."""
        statement = sa.select(connections).where(connections.c.cluster_id == cluster_id)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _connection(row)

    def record_pass(self, done: model.Pass) -> None:
        """Replace what the last pass left to say; nothing for a cluster not connected any more."""
        self._connection.execute(passes.delete().where(passes.c.cluster_id == done.cluster_id))
        if self.connection(done.cluster_id) is None:
            return
        self._connection.execute(
            passes.insert().values(
                cluster_id=done.cluster_id,
                at=done.at,
                revision=done.revision,
                is_reachable=done.is_reachable,
                problems=json.dumps([[each.namespace, each.reason] for each in done.problems]),
            )
        )

    def last_pass(self, cluster_id: model.ClusterId) -> model.Pass | None:
        """Return what the last pass left to say."""
        statement = sa.select(passes).where(passes.c.cluster_id == cluster_id)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _pass(row)

    def _one(self, condition: sa.ColumnElement[bool]) -> model.Cluster | None:
        row = self._connection.execute(sa.select(clusters).where(condition)).one_or_none()
        return None if row is None else _cluster(row)


def _cluster(row: sa.Row[*tuple[Any, ...]]) -> model.Cluster:
    return model.Cluster(
        id=model.ClusterId(row.id),
        name=row.name,
        audience=row.audience,
        installation=row.installation,
        server=row.server,
        certificate_authority=row.certificate_authority,
        username_prefix=row.username_prefix,
        groups_prefix=row.groups_prefix,
        algorithm=model.Algorithm(row.algorithm),
        created_at=row.created_at,
    )


def _connection(row: sa.Row[*tuple[Any, ...]]) -> model.Connection:
    return model.Connection(
        cluster_id=model.ClusterId(row.cluster_id),
        server=row.server,
        certificate_authority=row.certificate_authority,
        sealed_token=row.sealed_token,
        token_expires_at=row.token_expires_at,
        token_renewed_at=row.token_renewed_at,
        kubernetes_version=row.kubernetes_version,
        installed_definition=row.installed_definition,
    )


def _pass(row: sa.Row[*tuple[Any, ...]]) -> model.Pass:
    return model.Pass(
        cluster_id=model.ClusterId(row.cluster_id),
        at=row.at,
        revision=row.revision,
        is_reachable=row.is_reachable,
        problems=tuple(
            model.Problem(namespace=namespace, reason=reason)
            for namespace, reason in json.loads(row.problems)
        ),
    )
