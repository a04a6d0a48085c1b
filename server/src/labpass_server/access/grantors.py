"""Who could give what somebody lacks: named in every refusal, as far as that person may know."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from labpass_server.access import ports
from labpass_server.model import rule
from labpass_server.model.cluster import ClusterId
from labpass_server.model.handle import Handle
from labpass_server.model.role import Permission

MOST = 5
"""Names in one sentence; more help nobody."""


class Transaction(Protocol):
    """The part of a unit of work that this needs."""

    @property
    def projects(self) -> ports.Projects:
        """Projects."""
        ...

    @property
    def rules(self) -> ports.Rules:
        """Rules."""
        ...


class Grantors:
    """Those who can grant at this moment, from one reading of the rules."""

    def __init__(self, tx: Transaction, *, now: datetime) -> None:
        barred = tx.rules.barred()
        self._rules = [
            each
            for each in tx.rules.all()
            if each.is_live(now)
            and each.subject.name not in barred
            and Permission.RULE_WRITE in each.power.permissions
        ]

    def at(self, scope: rule.Scope) -> tuple[Handle, ...]:
        """Return who is asked first at a scope: its own administrators, else the organisation's."""
        return self._of({scope}) or self._of({rule.Organisation()})

    def on(self, tx: Transaction, cluster_id: ClusterId) -> tuple[Handle, ...]:
        """Return who can give access to a cluster: of its projects that everybody may know of."""
        scopes = {
            rule.InProject(each.id)
            for each in tx.projects.all()
            if not each.is_hidden and any(one.cluster_id == cluster_id for one in each.placements)
        }
        return self._of(scopes) or self._of({rule.Organisation()})

    def _of(self, scopes: Iterable[rule.Scope]) -> tuple[Handle, ...]:
        wanted = set(scopes)
        return tuple(sorted({each.subject.name for each in self._rules if each.scope in wanted}))


def sentence(grantors: Sequence[str]) -> str:
    """Name them: ``dana or root can grant it``."""
    if not grantors:
        return "there is no administrator who can grant it at the moment"
    named, more = list(grantors[:MOST]), len(grantors) - MOST
    if more > 0:
        named.append(f"{more} more")
    *first, last = named
    return f"{', '.join(first)} or {last} can grant it" if first else f"{last} can grant it"
