"""People and their password hashes."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from labpass_server.model import handle as handles
from labpass_server.model import person as persons
from labpass_server.storage.schema.identity import people

COLUMNS: Final = tuple(
    column.label(f"person_{column.name}")
    for column in people.c
    if column.name != "password_hash"  # a hash is asked for by name, or not at all
)
"""The columns of one person, named so that a join with other tables stays readable."""


class People:
    """The table of people."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, person: persons.Person, password_hash: str | None) -> None:
        """Add one; a handle that was ever used raises `Conflict` (people are never deleted)."""
        self._connection.execute(
            people.insert().values(
                id=person.id,
                handle=person.handle,
                display_name=person.display_name,
                email=person.email,
                is_disabled=person.is_disabled,
                password_is_temporary=person.password_is_temporary,
                password_hash=password_hash,
                created_at=person.created_at,
            )
        )

    def find(self, person_id: persons.PersonId) -> persons.Person | None:
        """Return the person with this id."""
        return self._one(people.c.id == person_id)

    def find_by_handle(self, handle: str) -> persons.Person | None:
        """Return the person with this handle; any text may be asked for."""
        return self._one(people.c.handle == handle)

    def password_hash(self, person_id: persons.PersonId) -> str | None:
        """Return the PHC string of the person's password, if they have one."""
        statement = sa.select(people.c.password_hash).where(people.c.id == person_id)
        return self._connection.execute(statement).scalar()

    def all(self) -> Sequence[persons.Person]:
        """Return everybody, by handle."""
        rows = self._connection.execute(sa.select(*COLUMNS).order_by(people.c.handle))
        return [row_person(row) for row in rows]

    def set_password(
        self, person_id: persons.PersonId, password_hash: str, *, is_temporary: bool
    ) -> None:
        """Replace the password."""
        self._update(person_id, password_hash=password_hash, password_is_temporary=is_temporary)

    def set_disabled(self, person_id: persons.PersonId, *, is_disabled: bool) -> None:
        """Disable the person, or enable them again."""
        self._update(person_id, is_disabled=is_disabled)

    def describe(
        self, person_id: persons.PersonId, *, display_name: str, email: str | None
    ) -> None:
        """Replace what is only described about the person."""
        self._update(person_id, display_name=display_name, email=email)

    def _one(self, condition: sa.ColumnElement[bool]) -> persons.Person | None:
        row = self._connection.execute(sa.select(*COLUMNS).where(condition)).one_or_none()
        return None if row is None else row_person(row)

    def _update(self, person_id: persons.PersonId, **values: str | bool | None) -> None:
        self._connection.execute(people.update().where(people.c.id == person_id).values(**values))


def row_person(row: sa.Row[*tuple[Any, ...]]) -> persons.Person:
    """Return the person in a row that has `COLUMNS`."""
    return persons.Person(
        id=persons.PersonId(row.person_id),
        handle=handles.Handle(row.person_handle),
        display_name=row.person_display_name,
        email=row.person_email,
        is_disabled=row.person_is_disabled,
        password_is_temporary=row.person_password_is_temporary,
        created_at=row.person_created_at,
    )
