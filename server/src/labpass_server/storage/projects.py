"""Projects and their namespaces on clusters."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from labpass_server.model import project as model
from labpass_server.model.cluster import ClusterId
from labpass_server.storage.schema.access import placements, projects


class Projects:
    """The tables of projects."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, project: model.Project) -> None:
        """Add a project; a name that exists, or a namespace already taken, raises `Conflict`."""
        self._connection.execute(
            projects.insert().values(
                id=project.id,
                name=project.name,
                is_hidden=project.is_hidden,
                pod_security=project.pod_security.value,
                created_at=project.created_at,
            )
        )
        self._place(project)

    def replace(self, project: model.Project) -> None:
        """Replace everything about a project but its id, name and creation."""
        self._connection.execute(
            projects.update()
            .where(projects.c.id == project.id)
            .values(is_hidden=project.is_hidden, pod_security=project.pod_security.value)
        )
        self._connection.execute(placements.delete().where(placements.c.project_id == project.id))
        self._place(project)

    def remove(self, project_id: model.ProjectId) -> None:
        """Remove a project with its placements and its rules."""
        self._connection.execute(projects.delete().where(projects.c.id == project_id))

    def find(self, name: str) -> model.Project | None:
        """Return the project of this name; any text may be asked for."""
        found = self._some(projects.c.name == name)
        return found[0] if found else None

    def find_by_id(self, project_id: model.ProjectId) -> model.Project | None:
        """Return the project with this id."""
        found = self._some(projects.c.id == project_id)
        return found[0] if found else None

    def all(self) -> Sequence[model.Project]:
        """Return every project, by name."""
        return self._some(sa.true())

    def are_on(self, cluster_id: ClusterId, ids: Sequence[model.ProjectId]) -> bool:
        """Whether any of these projects has a namespace on the cluster."""
        statement = sa.select(placements.c.project_id).where(
            placements.c.cluster_id == cluster_id, placements.c.project_id.in_(ids)
        )
        return self._connection.execute(statement.limit(1)).first() is not None

    def _place(self, project: model.Project) -> None:
        for place in project.placements:
            self._connection.execute(
                placements.insert().values(
                    project_id=project.id,
                    cluster_id=place.cluster_id,
                    namespace=place.namespace,
                )
            )

    def _some(self, condition: sa.ColumnElement[bool]) -> list[model.Project]:
        rows = self._connection.execute(
            sa.select(projects).where(condition).order_by(projects.c.name)
        ).all()
        places: dict[str, list[model.Placement]] = defaultdict(list)
        statement = sa.select(placements).join(projects).where(condition)
        for row in self._connection.execute(statement.order_by(placements.c.namespace)):
            places[row.project_id].append(
                model.Placement(cluster_id=ClusterId(row.cluster_id), namespace=row.namespace)
            )
        return [_project(row, tuple(places[row.id])) for row in rows]


def _project(row: sa.Row[*tuple[Any, ...]], placed: tuple[model.Placement, ...]) -> model.Project:
    return model.Project(
        id=model.ProjectId(row.id),
        name=row.name,
        is_hidden=row.is_hidden,
        pod_security=model.PodSecurity(row.pod_security),
        placements=placed,
        created_at=row.created_at,
    )
