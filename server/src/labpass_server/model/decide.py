"""May this person do this, here? Pure; the answer is a value and cannot pass for a truth value.

Every function takes the rules of the one person it is asked about. More rules never mean less: the
answers are monotone in grants.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Never, TypeAlias

from labpass_server.model import role, rule


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""

    def __bool__(self) -> Never:
        raise TypeError("compare a decision with match, not with its truth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """No, and why: words that may be shown to the person."""

    reason: str

    def __bool__(self) -> Never:
        raise TypeError("compare a decision with match, not with its truth")


Decision: TypeAlias = Allowed | Denied


def decide(
    permission: role.Permission,
    scope: rule.Scope,
    rules: Iterable[rule.Rule],
    *,
    now: datetime,
) -> Decision:
    """Decide whether one person, whose rules these are, may use a permission at a scope."""
    if permission in role.EVERYBODY:
        return Allowed()
    if permission in rule.power_at(scope, rules, now=now).permissions:
        return Allowed()
    return Denied(reason=f"this needs {permission}, which {_givers(permission)} give")


def decide_somewhere(
    permission: role.Permission, rules: Iterable[rule.Rule], *, now: datetime
) -> Decision:
    """Decide whether a person may use a permission at any scope at all: the door's first look."""
    if permission in role.EVERYBODY:
        return Allowed()
    if any(each.is_live(now) and permission in each.power.permissions for each in rules):
        return Allowed()
    return Denied(reason=f"this needs {permission}, which {_givers(permission)} give")


def decide_grant(
    name: role.RoleName,
    scope: rule.Scope,
    rules: Iterable[rule.Rule],
    *,
    now: datetime,
    until: datetime | None,
) -> Decision:
    """Decide whether a person may give a role at a scope until a moment (``None``: for ever).

    They need RULE_WRITE there and everything that the role itself gives, and must hold it as long:
    nobody grants what they lack, so nobody edits their own way up, not through a friend either.
    """
    own = [each for each in rules if each.is_live(now)]
    match decide(role.Permission.RULE_WRITE, scope, own, now=now):
        case Denied() as denied:
            return denied
        case Allowed():
            pass
    wanted = role.ROLES[name]
    if wanted.organisation_only and scope != rule.Organisation():
        return Denied(reason=f"{name} is given in the organisation as a whole, not in a project")
    if not rule.power_at(scope, own, now=now).covers(wanted.power):
        return Denied(reason=f"nobody grants what they lack: you do not hold all of {name} here")
    lasting = [each for each in own if each.lasts(until)]
    if not rule.power_at(scope, lasting, now=now).covers(wanted.power):
        return Denied(reason=f"nobody grants longer than they hold: your own {name} ends earlier")
    return Allowed()


def decide_withdrawal(
    name: role.RoleName, scope: rule.Scope, rules: Iterable[rule.Rule], *, now: datetime
) -> Decision:
    """Decide whether a person may take a role from somebody: who could give it today may."""
    lasting = [replace(each, ends_at=None) for each in rules if each.is_live(now)]
    return decide_grant(name, scope, lasting, now=now, until=None)


def _givers(permission: role.Permission) -> str:
    holders = [each.name for each in role.ROLES.values() if permission in each.power.permissions]
    return " and ".join(f"the role {name}" for name in holders)
