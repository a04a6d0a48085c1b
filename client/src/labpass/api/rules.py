"""Access rules, and what a change of one would do."""

from dataclasses import dataclass
from urllib.parse import quote

from labpass.api import fields
from labpass.api.client import Client
from labpass.api.fields import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who has which role where, until when."""

    id: str
    person: str
    role: str
    scope: str
    project: str | None
    ends_at: str | None
    reason: str
    created_by: str
    created_at: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One person holds one permission set in one project on one cluster."""

    person: str
    project: str
    cluster: str
    namespace: str
    permission_set: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens to one object."""

    cluster: str
    action: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What changes for one person in one place; roles are the strongest held there.

    ``gains`` and ``loses`` are permission sets, the other two rights over Labpass's own entities.
    """

    person: str
    project: str | None
    cluster: str | None
    namespace: str | None
    role_before: str | None
    role_after: str | None
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    gains_in_labpass: tuple[str, ...]
    loses_in_labpass: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a change would do, computed by what would do it."""

    people: tuple[Meaning, ...]
    gains: tuple[Grant, ...]
    loses: tuple[Grant, ...]
    objects: tuple[Step, ...]


def load_all(client: Client) -> tuple[Rule, ...]:
    """Return every rule the person may see."""
    return tuple(fields.read(Rule, item) for item in client.items("/rules"))


def load(client: Client, rule: str) -> Rule:
    """Return one rule."""
    return fields.read(Rule, client.get(_path(rule)))


def plan_create(client: Client, body: Document) -> Plan:
    """Say what a new rule would do."""
    return fields.read(Plan, client.post("/rules", body, dry_run=True))


def create(client: Client, body: Document) -> Rule:
    """Make a rule."""
    return fields.read(Rule, client.post("/rules", body))


def plan_edit(client: Client, rule: str, body: Document) -> Plan:
    """Say what an edit would do."""
    return fields.read(Plan, client.patch(_path(rule), body, dry_run=True))


def edit(client: Client, rule: str, body: Document) -> Rule:
    """Change what the body names."""
    return fields.read(Rule, client.patch(_path(rule), body))


def plan_delete(client: Client, rule: str) -> Plan:
    """Say what withdrawing a rule would do."""
    return fields.read(Plan, client.delete(_path(rule), dry_run=True))


def delete(client: Client, rule: str) -> None:
    """Withdraw a rule."""
    client.delete(_path(rule))


def _path(rule: str) -> str:
    return f"/rules/{quote(rule, safe='')}"
