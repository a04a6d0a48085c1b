"""People: ``/people``. Identity makes and changes them; access says who may."""

from datetime import datetime
from typing import Annotated, Final, Protocol

from pydantic import Field

from labpass.secret import Secret
from labpass_server.access.caller import Caller, Gate
from labpass_server.api.fields import Answer, Body, Flag, InPath, Line, Word
from labpass_server.api.guard import Asked, Asking
from labpass_server.api.route import Route
from labpass_server.identity import people as use
from labpass_server.model import person
from labpass_server.model.role import Permission

Password = Annotated[str, Field(strict=True, min_length=1, max_length=1024)]


class New(Body):
    """A new person; without a password a temporary one is made, and shown once."""

    handle: Word
    display_name: Line = ""
    email: Line | None = None
    password: Password | None = None
    temporary: Flag = True
    admin_handle: Flag = False
    """Says yes to a handle that begins with ``admin``."""


class Edit(Body):
    """What shall be different."""

    display_name: Line | None = None
    email: Line | None = None
    disabled: Flag | None = None


class NewPassword(Body):
    """A new password; without one a temporary one is made, and shown once."""

    password: Password | None = None
    temporary: Flag = True


class Person(Answer):
    """A person; ``temporary_password`` only where one was just made."""

    handle: str
    display_name: str
    email: str | None
    disabled: bool
    password_is_temporary: bool
    created_at: datetime
    temporary_password: str | None = None


class People(Answer):
    """People."""

    items: list[Person]


class Standing(Protocol):
    """What access says about a change of a person, in identity's transaction. Filled by `app`."""

    def switching(
        self, caller: Caller, handle: str, *, is_disabled: bool, now: datetime
    ) -> use.Check:
        """Return what raises unless the caller may disable or enable this person."""
        ...

    def resetting(self, caller: Caller, handle: str, *, now: datetime) -> use.Check:
        """Return what raises unless the caller may set this person's password."""
        ...

    def changed(self) -> None:
        """Let the clusters follow."""
        ...


class Door:
    """The handlers."""

    def __init__(self, people: use.People, standing: Standing, gate: Gate) -> None:
        self._people = people
        self._standing = standing
        self._gate = gate
        one = "/people/{handle}"
        self.routes: Final = (
            Route("GET", "/people", self.all, Permission.PERSON_READ),
            Route("POST", "/people", self.add, Permission.PERSON_WRITE, 201),
            Route("GET", one, self.get, Permission.PERSON_READ),
            Route("PATCH", one, self.change, Permission.PERSON_WRITE),
            Route("POST", f"{one}/password", self.reset, Permission.PERSON_WRITE),
        )

    async def all(self, asking: Asked) -> People:
        """Everybody."""
        await self._require(asking, Permission.PERSON_READ)
        return People(items=[_person(each) for each in await self._people.all()])

    async def get(self, asking: Asked, handle: InPath) -> Person:
        """One person."""
        await self._require(asking, Permission.PERSON_READ)
        return _person(await self._people.get(handle))

    async def add(self, asking: Asked, body: New) -> Person:
        """Add a person."""
        await self._require(asking, Permission.PERSON_WRITE)
        new = use.NewPerson(
            handle=body.handle,
            display_name=body.display_name,
            email=body.email,
            password=None if body.password is None else Secret(body.password),
            is_temporary=body.temporary,
            may_be_called_admin=body.admin_handle,
        )
        made, password = await self._people.add(new, actor=asking.person.handle, now=asking.now)
        return _person(made, password)

    async def change(self, asking: Asked, handle: InPath, body: Edit) -> Person:
        """Describe a person anew; disable them, which ends every session, or enable them."""
        await self._require(asking, Permission.PERSON_WRITE)
        actor, now = asking.person.handle, asking.now
        found = await self._people.get(handle)
        if {"display_name", "email"} & body.model_fields_set:
            name = found.display_name if body.display_name is None else body.display_name
            email = body.email if "email" in body.model_fields_set else found.email
            found = await self._people.describe(
                handle, display_name=name, email=email, actor=actor, now=now
            )
        if body.disabled is not None and body.disabled != found.is_disabled:
            found = await self._switch(asking, handle, is_disabled=body.disabled)
        return _person(found)

    async def reset(self, asking: Asked, handle: InPath, body: NewPassword) -> Person:
        """Give a person a new password, which ends every session."""
        await self._require(asking, Permission.PERSON_WRITE)
        made = await self._people.reset_password(
            handle,
            None if body.password is None else Secret(body.password),
            is_temporary=body.temporary,
            actor=asking.person.handle,
            now=asking.now,
            check=self._standing.resetting(asking.caller, handle, now=asking.now),
        )
        return _person(await self._people.get(handle), made)

    async def _switch(self, asking: Asking, handle: str, *, is_disabled: bool) -> person.Person:
        caller, now = asking.caller, asking.now
        changed = await self._people.set_disabled(
            handle,
            is_disabled=is_disabled,
            actor=caller.handle,
            now=now,
            check=self._standing.switching(caller, handle, is_disabled=is_disabled, now=now),
        )
        self._standing.changed()
        return changed

    async def _require(self, asking: Asking, permission: Permission) -> None:
        await self._gate.require(asking.caller, permission, now=asking.now)


def _person(found: person.Person, password: Secret | None = None) -> Person:
    return Person(
        handle=found.handle,
        display_name=found.display_name,
        email=found.email,
        disabled=found.is_disabled,
        password_is_temporary=found.password_is_temporary,
        created_at=found.created_at,
        temporary_password=None if password is None else password.reveal(),
    )
