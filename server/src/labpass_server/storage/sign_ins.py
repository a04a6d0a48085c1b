"""Sign-ins under way, each by the hash of the secret that its pages carry."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from labpass_server.model import person as persons
from labpass_server.model import session as model
from labpass_server.storage import authorizations
from labpass_server.storage.schema.identity import sign_ins

MANY: Final = 100_000


class SignIns:
    """The table of sign-ins."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, secret_hash: bytes, sign_in: model.SignIn) -> None:
        """Add one."""
        self._connection.execute(sign_ins.insert(), {"hash": secret_hash, **_values(sign_in)})

    def find(self, secret_hash: bytes) -> model.SignIn | None:
        """Return one."""
        statement = sa.select(sign_ins).where(sign_ins.c.hash == secret_hash)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _sign_in(row)

    def save(self, secret_hash: bytes, sign_in: model.SignIn) -> None:
        """Replace one."""
        self._connection.execute(
            sign_ins.update().where(sign_ins.c.hash == secret_hash).values(_values(sign_in))
        )

    def take(self, secret_hash: bytes, now: datetime) -> bool:
        """End one by answering it; of any number who try at once exactly one is told ``True``."""
        statement = (
            sign_ins.delete()
            .where(sign_ins.c.hash == secret_hash, sign_ins.c.expires_at > now)
            .returning(sign_ins.c.hash)
        )
        return self._connection.execute(statement).one_or_none() is not None

    def count(self, network: str | None = None) -> int:
        """Count those that a network began, or all; more than `MANY` are not counted further."""
        which = sa.select(sa.literal(1)).select_from(sign_ins).limit(MANY)
        if network is not None:
            which = which.where(sign_ins.c.network == network)
        counted = sa.select(sa.func.count()).select_from(which.subquery())
        return self._connection.execute(counted).scalar_one()

    def remove_all(self, person_id: persons.PersonId) -> None:
        """Forget all in which this person has given their password."""
        self._connection.execute(sign_ins.delete().where(sign_ins.c.person_id == person_id))

    def remove_of_browser(self, browser_id: model.BrowserId) -> None:
        """Forget all that wait in one browser's session."""
        self._connection.execute(sign_ins.delete().where(sign_ins.c.browser_id == browser_id))


def _values(sign_in: model.SignIn) -> dict[str, Any]:
    machine = sign_in.machine
    return {
        "authorization": authorizations.dump(sign_in.authorization),
        "machine": None if machine is None else machine.name,
        "asked_from": None if machine is None else machine.asked_from,
        "browser_hash": sign_in.browser_hash,
        "browser_id": sign_in.browser_id,
        "person_id": sign_in.person_id,
        "authenticated_at": sign_in.authenticated_at,
        "is_fresh": sign_in.is_fresh,
        "is_confirmed": sign_in.is_confirmed,
        "network": sign_in.network,
        "created_at": sign_in.created_at,
        "expires_at": sign_in.expires_at,
    }


def _sign_in(row: sa.Row[*tuple[Any, ...]]) -> model.SignIn:
    machine = None
    if row.machine is not None:
        machine = model.Machine(name=row.machine, asked_from=row.asked_from)
    return model.SignIn(
        authorization=authorizations.load(row.authorization),
        machine=machine,
        network=row.network,
        browser_hash=row.browser_hash,
        browser_id=row.browser_id,
        person_id=row.person_id,
        authenticated_at=row.authenticated_at,
        is_fresh=row.is_fresh,
        is_confirmed=row.is_confirmed,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
