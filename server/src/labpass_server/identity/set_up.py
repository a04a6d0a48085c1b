"""The beginning of an installation: its id, the one-time link, the first administrator."""

from datetime import datetime
from typing import Protocol

from labpass.secret import Secret
from labpass_server.identity import digest, passwords, people, ports
from labpass_server.kit import random
from labpass_server.model import errors, event, handle, person


class Founding(Protocol):
    """Makes somebody an administrator, in the transaction that adds them. Filled by access."""

    def __call__(self, tx: ports.Transaction, name: handle.Handle, *, now: datetime) -> None:
        """Do it."""
        ...


class SetUp:
    """The use cases of the first start."""

    def __init__(
        self, store: ports.Store, checked: passwords.Passwords, founding: Founding
    ) -> None:
        self._store = store
        self._passwords = checked
        self._founding = founding

    async def begin(self, now: datetime) -> Secret | None:
        """Begin the installation if there is none, and return a new set-up link's secret.

        Returns ``None`` once the link was used: then there is an administrator.
        """
        secret = Secret(random.token())

        def work(tx: ports.Transaction) -> Secret | None:
            if tx.installation.find() is not None:
                return secret if tx.installation.renew_set_up(digest.of(secret)) else None
            tx.installation.begin(random.identifier(), digest.of(secret), now)
            tx.events.add(event.Event(at=now, kind=event.Kind.INSTALLED))
            return secret

        return await self._store.write(work)

    async def expects(self, secret: Secret) -> bool:
        """Tell whether this is the link that nobody has used."""
        return await self._store.read(lambda tx: tx.installation.expects(digest.of(secret)))

    async def complete(
        self, secret: Secret, new: people.NewPerson, *, now: datetime
    ) -> person.Person:
        """Use the link: add the first administrator. Raises `NotFound`, `Invalid`, `Conflict`."""
        if not await self.expects(secret):
            raise errors.NotFound("set-up link; it was used, or replaced at a later start")
        return await self._add(
            new, lambda tx: tx.installation.use_set_up(digest.of(secret), now), now
        )

    async def add_administrator(self, new: people.NewPerson, *, now: datetime) -> person.Person:
        """Add an administrator from the server's own machine; the link is worth nothing then."""

        def close(tx: ports.Transaction) -> bool:
            tx.installation.close_set_up(now)
            return True

        return await self._add(new, close, now)

    async def _add(self, new: people.NewPerson, use: "_Use", now: datetime) -> person.Person:
        added, phc = await people.prepare(self._passwords, new, None, now)

        def work(tx: ports.Transaction) -> None:
            if not use(tx):
                raise errors.NotFound("set-up link; it was used just now")
            tx.people.add(added, phc)
            self._founding(tx, added.handle, now=now)
            tx.events.add(
                event.Event(
                    at=now,
                    kind=event.Kind.PERSON_ADDED,
                    actor=added.handle,
                    subject=added.handle,
                    detail={"as": "the first administrator"},
                )
            )

        await self._store.write(work)
        return added


class _Use(Protocol):
    def __call__(self, tx: ports.Transaction) -> bool: ...
