"""People, for administrators: added, described, disabled, given a new password.

Whoever calls has checked that the actor may.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from labpass.secret import Secret
from labpass_server.identity import passwords, ports
from labpass_server.kit import random
from labpass_server.model import errors, event, handle, person, session

Check: TypeAlias = Callable[[ports.Transaction], None]
"""Raises unless the actor may, asked in the transaction that writes: nothing comes in between."""


def _unchecked(_: ports.Transaction) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody to be added. Without a password a temporary one is made."""

    handle: str
    display_name: str = ""
    email: str | None = None
    password: Secret | None = None
    is_temporary: bool = True
    may_be_called_admin: bool = False


class People:
    """The use cases."""

    def __init__(self, store: ports.Store, checked: passwords.Passwords) -> None:
        self._store = store
        self._passwords = checked

    async def add(
        self, new: NewPerson, *, actor: str, now: datetime
    ) -> tuple[person.Person, Secret | None]:
        """Add one; a made password is returned once. Raises `Invalid`, `Conflict`."""
        made = None if new.password is not None else Secret(generated())
        added, phc = await prepare(self._passwords, new, made, now)
        happened = event.Event(
            at=now, kind=event.Kind.PERSON_ADDED, actor=actor, subject=added.handle
        )

        def work(tx: ports.Transaction) -> None:
            if tx.people.find_by_handle(added.handle) is not None:
                raise errors.Conflict(f"{added.handle} is taken, now or once before")
            tx.people.add(added, phc)
            tx.events.add(happened)

        await self._store.write(work)
        return added, made

    async def all(self) -> Sequence[person.Person]:
        """Return everybody, by handle."""
        return await self._store.read(lambda tx: tx.people.all())

    async def get(self, name: str) -> person.Person:
        """Return one. Raises `NotFound`."""
        return await self._store.read(lambda tx: _get(tx, name))

    async def describe(
        self, name: str, *, display_name: str, email: str | None, actor: str, now: datetime
    ) -> person.Person:
        """Replace display name and e-mail."""

        def work(tx: ports.Transaction) -> person.Person:
            found = _get(tx, name)
            tx.people.describe(
                found.id,
                display_name=_valid_text(display_name, "display_name") or found.handle,
                email=_valid_email(email),
            )
            _happened(tx, event.Kind.PERSON_DESCRIBED, found, actor, now)
            return _get(tx, name)

        return await self._store.write(work)

    async def set_disabled(
        self, name: str, *, is_disabled: bool, actor: str, now: datetime, check: Check = _unchecked
    ) -> person.Person:
        """Disable a person and end all their sessions, or enable them again."""

        def work(tx: ports.Transaction) -> person.Person:
            check(tx)
            found = _get(tx, name)
            tx.people.set_disabled(found.id, is_disabled=is_disabled)
            if is_disabled:
                _end_everything(tx, found, now, session.Ending.DISABLED)
            kind = event.Kind.PERSON_DISABLED if is_disabled else event.Kind.PERSON_ENABLED
            _happened(tx, kind, found, actor, now)
            return _get(tx, name)

        return await self._store.write(work)

    async def reset_password(  # noqa: PLR0913 -- all but two are by name
        self,
        name: str,
        password: Secret | None,
        *,
        is_temporary: bool,
        actor: str,
        now: datetime,
        check: Check = _unchecked,
    ) -> Secret | None:
        """Give a new password and end all sessions; a made one is returned once."""
        made = None if password is not None else Secret(generated())
        found = await self.get(name)
        phc = await self._passwords.hash_new(made or password or Secret(""), found.handle)

        def work(tx: ports.Transaction) -> None:
            check(tx)
            tx.people.set_password(found.id, phc, is_temporary=is_temporary or made is not None)
            _end_everything(tx, found, now, session.Ending.RESET)
            _happened(tx, event.Kind.PASSWORD_RESET, found, actor, now)

        await self._store.write(work)
        return made


def generated() -> str:
    """Return a password of 80 bits that can be read out: four groups of four."""
    text = random.spoken(16).lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


async def prepare(
    checked: passwords.Passwords, new: NewPerson, made: Secret | None, now: datetime
) -> tuple[person.Person, str]:
    """Return the person to be added and the hash of their password. Raises `Invalid`."""
    name = handle.parse(new.handle)
    if handle.needs_yes(name) and not new.may_be_called_admin:
        raise errors.Invalid("handle", f"{name} could be taken for an administrator's")
    phc = await checked.hash_new(made or new.password or Secret(""), name)
    added = person.Person(
        id=person.PersonId(random.identifier()),
        handle=name,
        display_name=_valid_text(new.display_name, "display_name") or name,
        email=_valid_email(new.email),
        is_disabled=False,
        password_is_temporary=made is not None or new.is_temporary,
        created_at=now,
    )
    return added, phc


def _get(tx: ports.Transaction, name: str) -> person.Person:
    found = tx.people.find_by_handle(name)
    if found is None:
        raise errors.NotFound(f"person {name}")
    return found


def _end_everything(
    tx: ports.Transaction, found: person.Person, now: datetime, because: session.Ending
) -> None:
    """End what there is, and what is under way and would become a session a moment later."""
    tx.sessions.end_all(found.id, now, because)
    tx.browsers.remove_all(found.id)
    tx.sign_ins.remove_all(found.id)
    tx.codes.withdraw_all(found.id, now)
    tx.devices.forget_all(found.id)


def _happened(
    tx: ports.Transaction, kind: event.Kind, found: person.Person, actor: str, now: datetime
) -> None:
    tx.events.add(event.Event(at=now, kind=kind, actor=actor, subject=found.handle))


_LONGEST_TEXT = 200


def _valid_text(text: str, field: str) -> str:
    stripped = text.strip()
    if len(stripped) > _LONGEST_TEXT or not stripped.isprintable():
        raise errors.Invalid(field, f"at most {_LONGEST_TEXT} printable characters")
    return stripped


def _valid_email(text: str | None) -> str | None:
    if not text:
        return None
    stripped = _valid_text(text, "email")
    name, _, host = stripped.rpartition("@")
    if not name or not host or " " in stripped:
        raise errors.Invalid("email", "not an e-mail address")
    return stripped
