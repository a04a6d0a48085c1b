"""What access has to say when a person is disabled, comes back, or gets a new password.

People are identity's; each of these runs inside the transaction in which identity writes, behind
the lock of the revision. So two administrators who disable each other at once cannot both be right.
"""

from datetime import datetime

from labpass_server.access import caller as callers
from labpass_server.access import granting
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Transaction
from labpass_server.model import decide, rule
from labpass_server.model.role import Permission


def switching(
    tx: Transaction, caller: Caller, handle: str, *, is_disabled: bool, now: datetime
) -> None:
    """Raise unless the caller may disable or enable this person; the clusters then follow.

    An administrator for ever has to be left. Enabling gives back what the person held, so only who
    could give it may.
    """
    tx.revisions.bump()
    callers.require(tx, caller, Permission.PERSON_WRITE, rule.Organisation(), now=now)
    if is_disabled:
        granting.keep_an_administrator(tx, without=lambda each: each.subject.name == handle)
    else:
        _could_give_all(tx, caller, handle, now)


def resetting(tx: Transaction, caller: Caller, handle: str, *, now: datetime) -> None:
    """Raise unless the caller could give all that this person holds, and for as long.

    Whoever sets a password can sign in with it: an administrator until Friday would otherwise
    become one for ever through somebody else's name.
    """
    callers.require(tx, caller, Permission.PERSON_WRITE, rule.Organisation(), now=now)
    _could_give_all(tx, caller, handle, now)


def _could_give_all(tx: Transaction, caller: Caller, handle: str, now: datetime) -> None:
    person = tx.people.find_by_handle(handle)
    own = callers.rules_of(tx, caller)
    for each in tx.rules.of(rule.person(person.handle)) if person else ():
        if each.is_live(now):
            callers.demand(
                decide.decide_grant(each.role, each.scope, own, now=now, until=each.ends_at)
            )
