"""Sign-in from a terminal: name and password in one request, and an ordinary code for it.

The password grant by another route, so for the command line's own client alone. A temporary
password is replaced in the same request, or nothing happens.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from labpass.secret import Secret
from labpass_server.identity import answering, passwords, ports, sign_in, step
from labpass_server.model import errors, event, person, session
from labpass_server.model.authorization import Authorization
from labpass_server.model.policy import Policy


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

    def __init__(self, store: ports.Store, checked: passwords.Passwords, policy: Policy) -> None:
        self._store = store
        self._passwords = checked
        self._policy = policy

    async def sign_in(
        self, asked: Authorization, given: Credentials, *, address: str, now: datetime
    ) -> Outcome:
        """Return the code for a right password. Raises `NotAllowed`, `TooMany`."""
        self._policy.require_terminal()
        proven = await self._passwords.check(given.name, given.password, address=address, now=now)
        if proven is None:
            return _WRONG
        phc: str | None = None
        if proven.person.password_is_temporary:
            if given.new_password is None:
                return _MUST_CHANGE
            try:
                phc = await self._passwords.replace(proven.person, given.new_password)
            except errors.Invalid as refused:
                return Failed(failure=Failure.BAD_NEW_PASSWORD, description=refused.reason)

        def work(tx: ports.Transaction) -> Outcome:
            found = passwords.still(tx, proven)
            if found is None:
                return _WRONG
            if phc is not None:
                sign_in.set_own_password(tx, found, phc, now)
            return _answer(tx, asked, found, address, now)

        return await self._store.write(work)


_WRONG: Final = Failed(failure=Failure.WRONG, description="user name or password is wrong")
_MUST_CHANGE: Final = Failed(
    failure=Failure.MUST_CHANGE, description="the password is temporary: choose your own"
)


def _answer(
    tx: ports.Transaction,
    asked: Authorization,
    found: person.Person,
    address: str,
    now: datetime,
) -> step.Answer:
    kind = event.Kind.SIGNED_IN
    tx.events.add(event.Event(at=now, kind=kind, actor=found.handle, address=address))
    code = session.Code(
        authorization=asked,
        person_id=found.id,
        browser_id=None,
        authenticated_at=now,
        expires_at=now + session.CODE_LIFETIME,
    )
    return answering.direct(tx, code)
