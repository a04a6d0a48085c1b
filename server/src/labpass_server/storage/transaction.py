"""One transaction: a connection, and one attribute for each group of tables."""

from typing import Final

import sqlalchemy as sa

from labpass_server.storage import clusters, leases, people, projects, revisions, rules


class Transaction:
    """What a unit of work is given. Each attribute is a small class in a file of its own."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection: Final = connection

    @property
    def people(self) -> people.People:
        """Return the people of this installation."""
        return people.People(self.connection)

    @property
    def clusters(self) -> clusters.Clusters:
        """Return the clusters with their connections."""
        return clusters.Clusters(self.connection)

    @property
    def projects(self) -> projects.Projects:
        """Return the projects with their namespaces."""
        return projects.Projects(self.connection)

    @property
    def rules(self) -> rules.Rules:
        """Return the access rules."""
        return rules.Rules(self.connection)

    @property
    def revisions(self) -> revisions.Revisions:
        """Return the count of changes."""
        return revisions.Revisions(self.connection)

    @property
    def leases(self) -> leases.Leases:
        """Return the leases."""
        return leases.Leases(self.connection)
