"""What it takes to give, change or withdraw a rule; decided inside the transaction that writes.

Nobody grants what they lack, nor longer than they hold it; nobody writes a rule about themselves;
the last lasting administrator stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from labpass_server.access import caller as callers
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Transaction
from labpass_server.kit import random
from labpass_server.model import decide, rule
from labpass_server.model.errors import Conflict, Invalid, NotAllowed, NotFound
from labpass_server.model.role import Permission, RoleName


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """What somebody wants to give; ``project`` ``None`` is the organisation."""

    person: str
    role: RoleName
    project: str | None
    ends_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What shall be different about a rule; ``None`` leaves a thing as it is."""

    role: RoleName | None = None
    reason: str | None = None
    ends_at: datetime | None = None
    clears_end: bool = False


def made(tx: Transaction, caller: Caller, new: NewRule, now: datetime) -> rule.Rule:
    """Return the rule that a caller may make, with no revision yet."""
    person = tx.people.find_by_handle(new.person)
    scope: rule.Scope = rule.Organisation()
    if new.project is not None:
        scope = rule.InProject(callers.get_project(tx, caller, new.project, now=now).id)
    own = callers.rules_of(tx, caller)
    callers.ask(
        tx, decide.decide_grant(new.role, scope, own, now=now, until=new.ends_at), scope, now=now
    )
    if person is None:
        raise Invalid("person", f"there is nobody called {new.person}")
    if person.handle == caller.handle:
        raise NotAllowed("nobody writes a rule about themselves")
    _check_end(new.ends_at, now)
    return rule.Rule(
        id=rule.RuleId(random.identifier()),
        subject=rule.person(person.handle),
        role=new.role,
        scope=scope,
        ends_at=new.ends_at,
        reason=new.reason,
        created_by=caller.handle,
        created_at=now,
        revision=0,
    )


def changed(
    tx: Transaction, caller: Caller, rule_id: str, edit: Edit, now: datetime
) -> tuple[rule.Rule, rule.Rule]:
    """Return a rule that a caller may edit so, as it is and as it shall be."""
    old = get(tx, caller, rule_id, now)
    new = replace(
        old,
        role=edit.role or old.role,
        reason=old.reason if edit.reason is None else edit.reason,
        ends_at=None if edit.clears_end else edit.ends_at or old.ends_at,
    )
    own = callers.rules_of(tx, caller)
    callers.ask(tx, decide.decide_withdrawal(old.role, old.scope, own, now=now), old.scope, now=now)
    callers.demand(decide.decide_grant(new.role, old.scope, own, now=now, until=new.ends_at))
    if old.subject == rule.person(caller.handle):
        raise NotAllowed("nobody changes a rule about themselves")
    _check_end(edit.ends_at, now)
    if old.is_lasting_administrator and not new.is_lasting_administrator:
        keep_an_administrator(tx, without=lambda each: each.id == old.id)
    return old, new


def withdrawn(tx: Transaction, caller: Caller, rule_id: str, now: datetime) -> rule.Rule:
    """Return a rule that a caller may take away; everybody may give up what is their own."""
    gone = get(tx, caller, rule_id, now)
    if gone.subject != rule.person(caller.handle):
        own = callers.rules_of(tx, caller)
        callers.demand(decide.decide_withdrawal(gone.role, gone.scope, own, now=now))
    if gone.is_lasting_administrator:
        keep_an_administrator(tx, without=lambda each: each.id == gone.id)
    return gone


def get(tx: Transaction, caller: Caller, rule_id: str, now: datetime) -> rule.Rule:
    """Return a rule that the caller may see: their own, or of a scope where they may read rules."""
    found = tx.rules.find(rule_id)
    if found is None or not _may_see(tx, caller, found, now):
        raise NotFound(f"rule {rule_id}")
    return found


def keep_an_administrator(tx: Transaction, *, without: Callable[[rule.Rule], bool]) -> None:
    """Raise `Conflict` when nobody would be left who administers everything, for ever."""
    barred = tx.rules.barred()
    for each in tx.rules.all():
        is_left = each.subject.name not in barred and not without(each)
        if is_left and each.is_lasting_administrator:
            return
    raise Conflict("the last organisation administrator stays")


def _check_end(moment: datetime | None, now: datetime) -> None:
    if moment is not None and moment <= now:
        raise Invalid("ends_at", "this moment has passed")


def _may_see(tx: Transaction, caller: Caller, found: rule.Rule, now: datetime) -> bool:
    if found.subject == rule.person(caller.handle):
        return True
    return callers.may(tx, caller, Permission.RULE_READ, found.scope, now=now)
