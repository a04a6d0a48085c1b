"""What access has to do when a person is disabled or comes back; people are identity's."""

from collections.abc import Callable
from datetime import datetime

from labpass_server.access import caller as callers
from labpass_server.access import granting
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Store, Transaction
from labpass_server.model import decide, rule
from labpass_server.model.role import Permission


class People:
    """The part of people that is about their access."""

    def __init__(self, *, store: Store, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed

    async def check_disabling(self, caller: Caller, handle: str, *, now: datetime) -> None:
        """Raise unless this person can be disabled: an administrator for ever has to be left."""

        def work(tx: Transaction) -> None:
            callers.require(tx, caller, Permission.PERSON_WRITE, rule.Organisation(), now=now)
            granting.keep_an_administrator(tx, without=lambda each: each.subject.name == handle)

        await self._store.read(work)

    async def check_reset(self, caller: Caller, handle: str, *, now: datetime) -> None:
        """Raise unless the caller could give all that this person holds, and for as long.

        Whoever sets a password can sign in with it: an administrator until Friday would otherwise
        become one for ever through somebody else's name.
        """

        def work(tx: Transaction) -> None:
            callers.require(tx, caller, Permission.PERSON_WRITE, rule.Organisation(), now=now)
            person = tx.people.find_by_handle(handle)
            own = callers.rules_of(tx, caller)
            for each in tx.rules.of(rule.person(person.handle)) if person else ():
                if each.is_live(now):
                    callers.demand(
                        decide.decide_grant(each.role, each.scope, own, now=now, until=each.ends_at)
                    )

        await self._store.read(work)

    async def note_change(self) -> None:
        """Let the clusters follow: a disabled person's bindings go, an enabled one's come back."""
        await self._store.write(lambda tx: tx.revisions.bump())
        self._changed()
