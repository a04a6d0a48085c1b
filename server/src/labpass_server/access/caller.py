"""Who calls, and the gate that each use case passes before it does anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from labpass_server.access import grantors
from labpass_server.access.ports import Store, Transaction
from labpass_server.model import decide, rule
from labpass_server.model.decide import Allowed, Decision, Denied
from labpass_server.model.errors import NotAllowed, NotFound
from labpass_server.model.handle import Handle
from labpass_server.model.project import Project
from labpass_server.model.role import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The signed-in person a use case works for; ``address`` is where they call from."""

    handle: Handle
    address: str | None = None


def rules_of(tx: Transaction, caller: Caller) -> Sequence[rule.Rule]:
    """Return the caller's own rules; a disabled caller has none, whatever is written there."""
    if caller.handle in tx.rules.barred():
        return ()
    return tx.rules.of(rule.person(caller.handle))


def demand(answer: Decision) -> None:
    """Go on when allowed, else raise `NotAllowed` with the reason."""
    match answer:
        case Allowed():
            return
        case Denied(reason=reason):
            raise NotAllowed(reason)
        case other:
            assert_never(other)


def ask(tx: Transaction, answer: Decision, scope: rule.Scope, *, now: datetime) -> None:
    """Do as `demand`, and name in the refusal who could grant at the scope."""
    match answer:
        case Allowed():
            return
        case Denied(reason=reason):
            could = grantors.Grantors(tx, now=now).at(scope)
            raise NotAllowed(f"{reason}; {grantors.sentence(could)}", grantors=could)
        case other:
            assert_never(other)


def require(
    tx: Transaction, caller: Caller, permission: Permission, scope: rule.Scope, *, now: datetime
) -> None:
    """Raise `NotAllowed` unless the caller may use the permission at the scope."""
    ask(tx, decide.decide(permission, scope, rules_of(tx, caller), now=now), scope, now=now)


def may(
    tx: Transaction, caller: Caller, permission: Permission, scope: rule.Scope, *, now: datetime
) -> bool:
    """Whether the caller may use the permission at the scope: for lists that leave things out."""
    return decide.decide(permission, scope, rules_of(tx, caller), now=now) == Allowed()


def get_project(tx: Transaction, caller: Caller, name: str, *, now: datetime) -> Project:
    """Return a project the caller may know of; a hidden one is as unknown as one that is not."""
    found = tx.projects.find(name)
    if found is None or not is_visible(tx, caller, found, now=now):
        raise NotFound(f"project {name}")
    return found


def is_visible(tx: Transaction, caller: Caller, project: Project, *, now: datetime) -> bool:
    """Whether the caller may know that the project exists."""
    if not project.is_hidden:
        return True
    return may(tx, caller, Permission.PROJECT_READ, rule.InProject(project.id), now=now)


class Gate:
    """The same gate for doors: for a route's own need, and for use cases of other rooms."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def require(self, caller: Caller, permission: Permission, *, now: datetime) -> None:
        """Raise `NotAllowed` unless the caller may do it in the organisation as a whole."""
        scope = rule.Organisation()
        await self._store.read(lambda tx: require(tx, caller, permission, scope, now=now))

    async def require_somewhere(
        self, caller: Caller, permission: Permission, *, now: datetime
    ) -> None:
        """Raise `NotAllowed` unless the caller may do it at some scope; use cases look closer."""

        def work(tx: Transaction) -> None:
            answer = decide.decide_somewhere(permission, rules_of(tx, caller), now=now)
            ask(tx, answer, rule.Organisation(), now=now)

        await self._store.read(work)
