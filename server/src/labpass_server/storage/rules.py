"""Access rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labpass_server.model import rule as model
from labpass_server.model.handle import Handle
from labpass_server.model.project import ProjectId
from labpass_server.model.role import RoleName
from labpass_server.storage.schema.access import rules
from labpass_server.storage.schema.identity import people


class Rules:
    """The table of rules."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, rule: model.Rule) -> None:
        """Add a rule."""
        self._connection.execute(rules.insert().values(id=rule.id, **_columns(rule)))

    def replace(self, rule: model.Rule) -> None:
        """Replace everything about a rule but its id."""
        self._connection.execute(
            rules.update().where(rules.c.id == rule.id).values(**_columns(rule))
        )

    def remove(self, rule_id: model.RuleId) -> None:
        """Remove a rule."""
        self._connection.execute(rules.delete().where(rules.c.id == rule_id))

    def find(self, rule_id: str) -> model.Rule | None:
        """Return the rule with this id; any text may be asked for."""
        found = self._some(rules.c.id == rule_id)
        return found[0] if found else None

    def of(self, subject: model.Subject) -> Sequence[model.Rule]:
        """Return the rules about one subject."""
        return self._some(
            rules.c.subject_kind == subject.kind.value, rules.c.subject_name == subject.name
        )

    def all(self) -> Sequence[model.Rule]:
        """Return every rule, oldest first, ended ones too."""
        return self._some(sa.true())

    def next_end(self, now: datetime) -> datetime | None:
        """Return when the next rule ends by itself."""
        statement = sa.select(sa.func.min(rules.c.ends_at)).where(rules.c.ends_at > now)
        return self._connection.execute(statement).scalar()

    def barred(self) -> frozenset[Handle]:
        """Return the disabled people, whose rules give nothing."""
        statement = sa.select(people.c.handle).where(people.c.is_disabled)
        return frozenset(Handle(each) for each in self._connection.execute(statement).scalars())

    def _some(self, *conditions: sa.ColumnElement[bool]) -> list[model.Rule]:
        statement = sa.select(rules).where(*conditions)
        rows = self._connection.execute(statement.order_by(rules.c.created_at, rules.c.id))
        return [_rule(row) for row in rows]


def _columns(rule: model.Rule) -> dict[str, Any]:
    return {
        "subject_kind": rule.subject.kind.value,
        "subject_name": rule.subject.name,
        "role": rule.role.value,
        "project_id": _project(rule.scope),
        "ends_at": rule.ends_at,
        "reason": rule.reason,
        "created_by": rule.created_by,
        "created_at": rule.created_at,
        "revision": rule.revision,
    }


def _project(scope: model.Scope) -> ProjectId | None:
    match scope:
        case model.InProject(project_id=project_id):
            return project_id
        case model.Organisation():
            return None


def _rule(row: sa.Row[*tuple[Any, ...]]) -> model.Rule:
    return model.Rule(
        id=model.RuleId(row.id),
        subject=model.Subject(
            kind=model.SubjectKind(row.subject_kind), name=Handle(row.subject_name)
        ),
        role=RoleName(row.role),
        scope=(
            model.Organisation()
            if row.project_id is None
            else model.InProject(ProjectId(row.project_id))
        ),
        ends_at=row.ends_at,
        reason=row.reason,
        created_by=Handle(row.created_by),
        created_at=row.created_at,
        revision=row.revision,
    )
