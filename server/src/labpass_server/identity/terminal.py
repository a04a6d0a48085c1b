"""Sign-in from a terminal: name and password in one request, and an ordinary code for it.

The password grant by another route, so for the command line's own client alone. A temporary
password is replaced in the same request, or nothing happens.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from labpass.secret import Secret
from labpass_server.identity import passwords, ports, sign_in, step
from labpass_server.model import errors, event, person, session
from labpass_server.model.authorization import Authorization


class Failure(StrEnum):
    """Why there is no code."""

    WRONG = "invalid_credentials"
    MUST_CHANGE = "password_change_required"
    BAD_NEW_PASSWORD = "invalid_new_password"  # noqa: S105 -- a word of the protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No code; ``description`` is for the person."""

    failure: Failure
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a person typed."""

    name: str
    password: Secret
    new_password: Secret | None


Outcome: TypeAlias = step.Answer | Failed


class Terminal:
    """The use case of the authorize endpoint's password way."""

    def __init__(self, store: ports.Store, checked: passwords.Passwords) -> None:
        self._store = store
        self._passwords = checked

    async def sign_in(
        self, asked: Authorization, given: Credentials, *, address: str, now: datetime
    ) -> Outcome:
        """Return the code for a right password. Raises `TooMany`."""
        found = await self._passwords.check(given.name, given.password, address=address, now=now)
        if found is None:
            return Failed(failure=Failure.WRONG, description="user name or password is wrong")
        if not found.password_is_temporary:
            return await self._answer(asked, found, None, address=address, now=now)
        if given.new_password is None:
            return Failed(
                failure=Failure.MUST_CHANGE,
                description="the password is temporary: choose your own",
            )
        try:
            phc = await self._passwords.replace(found, given.new_password)
        except errors.Invalid as refused:
            return Failed(failure=Failure.BAD_NEW_PASSWORD, description=refused.reason)
        return await self._answer(asked, found, phc, address=address, now=now)

    async def _answer(
        self,
        asked: Authorization,
        found: person.Person,
        phc: str | None,
        *,
        address: str,
        now: datetime,
    ) -> step.Answer:
        done = session.SignIn(
            authorization=asked,
            created_at=now,
            expires_at=now,
            person_id=found.id,
            authenticated_at=now,
            is_fresh=True,
        )
        happened = event.Event(
            at=now, kind=event.Kind.SIGNED_IN, actor=found.handle, address=address
        )

        def work(tx: ports.Transaction) -> step.Answer:
            if phc is not None:
                sign_in.set_own_password(tx, found, phc, now)
            tx.events.add(happened)
            answered = sign_in.answer(tx, done, found, now)
            assert isinstance(answered, step.Answer)
            return answered

        return await self._store.write(work)
