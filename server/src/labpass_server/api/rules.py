"""Access rules: ``/rules``. With ``?dry_run=true`` a change is planned and not made."""

from datetime import datetime
from typing import Final, Literal

from fastapi import Response
from pydantic import model_validator

from labpass_server.access import granting
from labpass_server.access import rules as use
from labpass_server.api.fields import Answer, Body, InPath, Line, Moment, Word
from labpass_server.api.guard import Asked
from labpass_server.api.plans import Plan, plan
from labpass_server.api.route import Route
from labpass_server.model.role import Permission, RoleName

Scope = Literal["organisation", "project"]


class New(Body):
    """A new rule."""

    person: Word
    role: RoleName
    scope: Scope
    project: Word | None = None
    ends_at: Moment | None = None
    reason: Line = ""

    @model_validator(mode="after")
    def _scope_and_project_agree(self) -> "New":
        if (self.scope == "project") != (self.project is not None):
            raise ValueError("a project is named exactly when the scope is a project")
        return self


class Edit(Body):
    """What shall be different; ``ends_at: null`` takes an end away."""

    role: RoleName | None = None
    ends_at: Moment | None = None
    reason: Line | None = None


class Rule(Answer):
    """A rule."""

    id: str
    person: str
    role: str
    scope: Scope
    project: str | None
    ends_at: datetime | None
    reason: str
    created_by: str
    created_at: datetime
    state: str


class Rules(Answer):
    """Rules."""

    items: list[Rule]


class Door:
    """The handlers."""

    def __init__(self, rules: use.Rules) -> None:
        self._rules = rules
        self.routes: Final = (
            Route("GET", "/rules", self.all, Permission.RULE_READ),
            Route("POST", "/rules", self.add, Permission.RULE_WRITE, 201),
            Route("GET", "/rules/{rule_id}", self.get, Permission.SELF_READ),
            Route("PATCH", "/rules/{rule_id}", self.change, Permission.RULE_WRITE),
            Route("DELETE", "/rules/{rule_id}", self.withdraw, Permission.SELF_READ, 204),
        )

    async def all(self, asking: Asked) -> Rules:
        """Every rule of the scopes whose rules I may read."""
        found = await self._rules.all(asking.caller, now=asking.now)
        return Rules(items=[_rule(each) for each in found])

    async def get(self, asking: Asked, rule_id: InPath) -> Rule:
        """One rule: my own, or of a scope whose rules I may read."""
        return _rule(await self._rules.get(asking.caller, rule_id, now=asking.now))

    async def add(
        self, asking: Asked, body: New, response: Response, *, dry_run: bool = False
    ) -> Rule | Plan:
        """Give a role."""
        new = granting.NewRule(
            person=body.person,
            role=body.role,
            project=body.project,
            ends_at=body.ends_at,
            reason=body.reason,
        )
        if dry_run:
            response.status_code = 200
            return plan(await self._rules.preview_add(asking.caller, new, now=asking.now))
        return _rule(await self._rules.add(asking.caller, new, now=asking.now))

    async def change(
        self, asking: Asked, rule_id: InPath, body: Edit, *, dry_run: bool = False
    ) -> Rule | Plan:
        """Edit a rule in place."""
        edit = granting.Edit(
            role=body.role,
            reason=body.reason,
            ends_at=body.ends_at,
            clears_end="ends_at" in body.model_fields_set and body.ends_at is None,
        )
        who, now = asking.caller, asking.now
        if dry_run:
            return plan(await self._rules.preview_change(who, rule_id, edit, now=now))
        return _rule(await self._rules.change(who, rule_id, edit, now=now))

    async def withdraw(
        self, asking: Asked, rule_id: InPath, response: Response, *, dry_run: bool = False
    ) -> Plan | None:
        """Take a role away; everybody may give up what is their own."""
        who, now = asking.caller, asking.now
        if dry_run:
            response.status_code = 200
            return plan(await self._rules.preview_withdrawal(who, rule_id, now=now))
        await self._rules.withdraw(who, rule_id, now=now)
        return None


def _rule(shown: use.Shown) -> Rule:
    found = shown.rule
    return Rule(
        id=found.id,
        person=found.subject.name,
        role=found.role,
        scope="organisation" if shown.project is None else "project",
        project=shown.project,
        ends_at=found.ends_at,
        reason=found.reason,
        created_by=found.created_by,
        created_at=found.created_at,
        state=shown.state,
    )
