"""May this person have a token for this cluster? Asked by identity, inside its own transaction.

A token is issued only to who has a live rule there: what it cannot do, nobody can steal.
"""

from datetime import datetime
from typing import Protocol

from labpass_server.access import grantors as granting
from labpass_server.access import ports
from labpass_server.model import cluster, rule
from labpass_server.model.person import PersonId


class Transaction(Protocol):
    """The part of a unit of work that this needs."""

    @property
    def clusters(self) -> ports.Clusters:
        """Clusters."""
        ...

    @property
    def projects(self) -> ports.Projects:
        """Projects."""
        ...

    @property
    def rules(self) -> ports.Rules:
        """Rules."""
        ...

    @property
    def people(self) -> ports.People:
        """People."""
        ...


def grantors(tx: Transaction, target: cluster.Target, now: datetime) -> str:
    """Say in a sentence who can give access to the cluster."""
    return granting.sentence(granting.Grantors(tx, now=now).on(tx, target.cluster_id))


def find(tx: Transaction, audience: str) -> cluster.Target | None:
    """Return the cluster that tokens of this audience are for."""
    found = tx.clusters.find_by_audience(audience)
    return None if found is None else found.target


def reaches(tx: Transaction, person_id: PersonId, target: cluster.Target, now: datetime) -> bool:
    """Whether the person has a live rule in the organisation, or in a project on that cluster."""
    person = tx.people.find(person_id)
    if person is None or person.is_disabled:
        return False
    live = [each for each in tx.rules.of(rule.person(person.handle)) if each.is_live(now)]
    if any(each.scope == rule.Organisation() for each in live):
        return True
    ids = [each.scope.project_id for each in live if isinstance(each.scope, rule.InProject)]
    return bool(ids) and tx.projects.are_on(target.cluster_id, ids)
