"""Use cases of access rules: give, change, withdraw, each with a preview that changes nothing.

Each is decided inside the transaction that writes, behind the lock of the revision, so two who act
at once cannot step around `granting`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from labpass_server.access import caller as callers
from labpass_server.access import events, granting, previews
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Store, Transaction
from labpass_server.model import decide, rule
from labpass_server.model.decide import Allowed
from labpass_server.model.project import Project
from labpass_server.model.role import Permission

T = TypeVar("T")


class State(StrEnum):
    """Whether what a rule says holds on the clusters."""

    APPLIED = "applied"
    PENDING = "pending"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A rule with the name of its project and how it stands."""

    rule: rule.Rule
    project: str | None
    state: State


class Rules:
    """Everything one can do with rules. The rights that count are those at each rule's scope."""

    def __init__(self, *, store: Store, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed

    async def all(self, caller: Caller, *, now: datetime) -> Sequence[Shown]:
        """Return the rules of every scope where the caller may read them, oldest first."""

        def work(tx: Transaction) -> list[Shown]:
            own = callers.rules_of(tx, caller)
            return [
                _shown(tx, each, now)
                for each in tx.rules.all()
                if decide.decide(Permission.RULE_READ, each.scope, own, now=now) == Allowed()
            ]

        return await self._store.read(work)

    async def get(self, caller: Caller, rule_id: str, *, now: datetime) -> Shown:
        """Return one rule."""
        return await self._store.read(
            lambda tx: _shown(tx, granting.get(tx, caller, rule_id, now), now)
        )

    async def add(self, caller: Caller, new: granting.NewRule, *, now: datetime) -> Shown:
        """Give a role."""

        def work(tx: Transaction) -> Shown:
            revision = tx.revisions.bump()
            made = replace(granting.made(tx, caller, new, now), revision=revision)
            tx.rules.add(made)
            _record(tx, caller, events.Kind.RULE_GRANTED, made, now)
            return _shown(tx, made, now)

        return await self._write(work)

    async def change(
        self, caller: Caller, rule_id: str, edit: granting.Edit, *, now: datetime
    ) -> Shown:
        """Edit a rule in place."""

        def work(tx: Transaction) -> Shown:
            revision = tx.revisions.bump()
            _, changed = granting.changed(tx, caller, rule_id, edit, now)
            changed = replace(changed, revision=revision)
            tx.rules.replace(changed)
            _record(tx, caller, events.Kind.RULE_CHANGED, changed, now)
            return _shown(tx, changed, now)

        return await self._write(work)

    async def withdraw(self, caller: Caller, rule_id: str, *, now: datetime) -> None:
        """Take a role away; one's own as well."""

        def work(tx: Transaction) -> None:
            tx.revisions.bump()
            gone = granting.withdrawn(tx, caller, rule_id, now)
            tx.rules.remove(gone.id)
            _record(tx, caller, events.Kind.RULE_WITHDRAWN, gone, now)

        await self._write(work)

    async def preview_add(
        self, caller: Caller, new: granting.NewRule, *, now: datetime
    ) -> previews.Preview:
        """Say what `add` would do."""

        def work(tx: Transaction) -> previews.Preview:
            made = granting.made(tx, caller, new, now)
            rules = tx.rules.all()
            return previews.preview(tx, rules, [*rules, made], now=now)

        return await self._store.read(work)

    async def preview_change(
        self, caller: Caller, rule_id: str, edit: granting.Edit, *, now: datetime
    ) -> previews.Preview:
        """Say what `change` would do."""

        def work(tx: Transaction) -> previews.Preview:
            old, changed = granting.changed(tx, caller, rule_id, edit, now)
            rules = tx.rules.all()
            after = [changed if each.id == old.id else each for each in rules]
            return previews.preview(tx, rules, after, now=now)

        return await self._store.read(work)

    async def preview_withdrawal(
        self, caller: Caller, rule_id: str, *, now: datetime
    ) -> previews.Preview:
        """Say what `withdraw` would do."""

        def work(tx: Transaction) -> previews.Preview:
            gone = granting.withdrawn(tx, caller, rule_id, now)
            rules = tx.rules.all()
            after = [each for each in rules if each.id != gone.id]
            return previews.preview(tx, rules, after, now=now)

        return await self._store.read(work)

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        done = await self._store.write(work)
        self._changed()
        return done


def _record(
    tx: Transaction, caller: Caller, kind: events.Kind, what: rule.Rule, now: datetime
) -> None:
    events.append(
        tx,
        caller,
        kind,
        what.subject.name,
        now=now,
        rule=what.id,
        role=what.role,
        scope=_project(tx, what) or "organisation",
        ends_at=what.ends_at.isoformat() if what.ends_at else "",
        reason=what.reason,
    )


def _shown(tx: Transaction, found: rule.Rule, now: datetime) -> Shown:
    return Shown(rule=found, project=_project(tx, found), state=_state(tx, found, now))


def _project(tx: Transaction, found: rule.Rule) -> str | None:
    match found.scope:
        case rule.InProject(project_id=project_id):
            project = tx.projects.find_by_id(project_id)
            return None if project is None else project.name
        case rule.Organisation():
            return None


def _state(tx: Transaction, found: rule.Rule, now: datetime) -> State:
    if not found.is_live(now):
        return State.EXPIRED
    for each in _projects(tx, found.scope):
        for place in each.placements:
            last = tx.clusters.last_pass(place.cluster_id)
            if last is None or not last.has_done(found.revision, place.namespace):
                return State.PENDING
    return State.APPLIED


def _projects(tx: Transaction, scope: rule.Scope) -> Sequence[Project]:
    match scope:
        case rule.InProject(project_id=project_id):
            project = tx.projects.find_by_id(project_id)
            return [] if project is None else [project]
        case rule.Organisation():
            return tx.projects.all()
