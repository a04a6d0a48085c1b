"""Passwords: what a new one must be, and whether a given one is right."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from labpass.secret import Secret
from labpass_server.identity import attempts, digest, ports
from labpass_server.model import errors, event, handle, person, session

SHORTEST: Final = 15
"""Without a second factor (NIST SP 800-63B-4 §3.1.1.2). No rules of composition, no expiry."""

LONGEST: Final = 256
_FEWEST_DIFFERENT: Final = 5
_COMMON: Final = ("password", "passwort", "qwerty", "letmein", "welcome", "12345678", "abcdefgh")


def accept(password: Secret, owner: str) -> Secret:
    """Return the password if a person may have it; raise `Invalid` with the reason otherwise."""
    text = password.reveal()
    if not SHORTEST <= len(text) <= LONGEST:
        raise errors.Invalid("password", f"between {SHORTEST} and {LONGEST} characters")
    plain = text.lower()
    if len(set(plain)) < _FEWEST_DIFFERENT:
        raise errors.Invalid("password", "too few different characters")
    rest = plain.replace(owner.lower(), "")
    for word in _COMMON:
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2:
        raise errors.Invalid("password", "mostly your name or a word everybody tries first")
    return password


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Somebody who has given their password; ``password_hash`` is the one it was right for."""

    person: person.Person
    password_hash: str = field(repr=False)


class Passwords:
    """Checks passwords: counted, throttled, and alike for everybody it refuses."""

    def __init__(self, store: ports.Store, hasher: ports.Hasher) -> None:
        self._store = store
        self._hasher = hasher

    async def check(
        self,
        name: str,
        password: Secret,
        *,
        address: str,
        device: Secret | None = None,
        now: datetime,
    ) -> Proven | None:
        """Return the person whose name and password these are.

        Unknown, disabled and without a password take as long as wrong and look the same. Raises
        `TooMany` before anything is hashed. Whoever begins something with it asks `still` in the
        same transaction: hashing takes time, and an administrator may have been faster.
        """
        attempt, found, phc = await self._store.write(
            lambda tx: _count(tx, name, address, device, now)
        )
        usable = found is not None and not found.is_disabled
        is_right = await self._verify(password, phc if usable else None, attempt)
        if found is None or phc is None or not is_right:
            await self._store.write(lambda tx: _record_failure(tx, found, address, now))
            return None
        await self._store.write(lambda tx: _succeed(tx, attempt, found, now))
        return Proven(person=found, password_hash=await self._renewed(found, password, phc))

    async def hash_new(self, password: Secret, owner: str) -> str:
        """Return the hash of a new password. Raises `Invalid` for one nobody should have."""
        return await self._hasher.hash(accept(password, owner))

    async def replace(self, owner: person.Person, password: Secret) -> str:
        """Return the hash of an own password instead of a temporary one, which must differ."""
        old = await self._store.read(lambda tx: tx.people.password_hash(owner.id))
        phc = await self.hash_new(password, owner.handle)
        if await self._hasher.verify(password, old):
            raise errors.Invalid("password", "the same as the temporary one")
        return phc

    async def _verify(self, password: Secret, phc: str | None, attempt: attempts.Attempt) -> bool:
        try:
            return await self._hasher.verify(password, phc)
        except errors.Unavailable:
            await self._store.write(lambda tx: attempts.take_back(tx, attempt))
            raise

    async def _renewed(self, found: person.Person, password: Secret, phc: str) -> str:
        """Return the hash with today's parameters, stored unless the password is another by now."""
        if not self._hasher.is_outdated(phc):
            return phc
        renewed = await self._hasher.hash(password)

        def work(tx: ports.Transaction) -> str:
            if tx.people.password_hash(found.id) != phc:
                return phc
            tx.people.set_password(found.id, renewed, is_temporary=found.password_is_temporary)
            return renewed

        return await self._store.write(work)


def still(tx: ports.Transaction, proven: Proven) -> person.Person | None:
    """Return the person as they are now, if they may still sign in with that password."""
    found = tx.people.find(proven.person.id)
    if found is None or found.is_disabled:
        return None
    is_same = tx.people.password_hash(found.id) == proven.password_hash
    return found if is_same else None


def _count(
    tx: ports.Transaction, name: str, address: str, device: Secret | None, now: datetime
) -> tuple[attempts.Attempt, person.Person | None, str | None]:
    is_name = handle.is_handle(name)
    mark = None if device is None else digest.of(device)
    attempt = attempts.Attempt(
        handle=name,
        address=address,
        device=mark if mark and is_name and tx.devices.knows(mark, name, now) else None,
        is_known_place=is_name and tx.devices.knows(attempts.place(name, address), name, now),
    )
    attempts.count(tx, attempt, now)
    found = tx.people.find_by_handle(name) if is_name else None
    return attempt, found, None if found is None else tx.people.password_hash(found.id)


def _succeed(
    tx: ports.Transaction, attempt: attempts.Attempt, found: person.Person, now: datetime
) -> None:
    attempts.forgive(tx, attempt)
    place = attempts.place(found.handle, attempt.address)
    tx.devices.remember(place, found.id, now + session.PLACE_LIFETIME)


def _record_failure(
    tx: ports.Transaction, found: person.Person | None, address: str, now: datetime
) -> None:
    # A name nobody has is not written down: people type passwords into the wrong field.
    subject = None if found is None else found.handle
    happened = event.Event(at=now, kind=event.Kind.SIGN_IN_FAILED, subject=subject, address=address)
    tx.events.add(happened)
