"""Signing out: the browser's session ends, with every client's session that began in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from labpass.secret import Secret
from labpass_server.identity import clients, digest, keyring, ports
from labpass_server.model import event, key, session


class Reader(Protocol):
    """Reads an ID token of our own that comes back as a hint."""

    def __call__(self, unverified_token: str, keys: "list[key.Key]") -> dict[str, Any] | None:
        """Return its claims, expired or not; ``None`` if none of these keys signed it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a program asks for at sign-out, none of it verified."""

    unverified_hint: str | None = None
    client_id: str | None = None
    redirect_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What it may ask for.

    ``subject`` is who an ID token of ours names: that very person need not be asked. ``leads_to``
    is an address that the program has registered for this.
    """

    subject: str | None = None
    leads_to: str | None = None


class SignOuts:
    """The use cases of the end-session endpoint. RP-Initiated Logout 1.0."""

    def __init__(
        self, store: ports.Store, keys: keyring.Keyring, read: Reader, issuer: str
    ) -> None:
        self._store = store
        self._keys = keys
        self._read = read
        self._issuer = issuer

    async def who(self, cookie: Secret | None, *, now: datetime) -> session.Browser | None:
        """Return the browser's live session."""
        if cookie is None:
            return None
        found = await self._store.read(lambda tx: tx.browsers.find(digest.of(cookie)))
        return None if found is None or found.is_over(now) else found

    async def read(self, wish: Wish, *, now: datetime) -> Asked:
        """Return what a program may ask for. RP-Initiated Logout 1.0 §2."""
        claims = await self._claims(wish.unverified_hint, now)
        by = None if claims is None else str(claims.get("aud"))
        if by is not None and wish.client_id not in {None, by}:
            return Asked()
        return Asked(
            subject=None if claims is None else str(claims.get("sub")),
            leads_to=await self._leads_to(by or wish.client_id, wish.redirect_uri),
        )

    async def end(self, cookie: Secret, *, now: datetime) -> None:
        """End it all."""

        def work(tx: ports.Transaction) -> None:
            found = tx.browsers.find(digest.of(cookie))
            if found is None:
                return
            tx.browsers.remove(digest.of(cookie))
            tx.sign_ins.remove_of_browser(found.id)
            tx.codes.withdraw_of_browser(found.id, now)
            tx.sessions.end_of_browser(found.id, now, session.Ending.SIGNED_OUT)
            tx.events.add(
                event.Event(at=now, kind=event.Kind.SIGNED_OUT, actor=found.person.handle)
            )

        await self._store.write(work)

    async def _claims(self, unverified_hint: str | None, now: datetime) -> dict[str, Any] | None:
        if unverified_hint is None:
            return None
        claims = self._read(unverified_hint, list(await self._keys.all(now)))
        return claims if claims is not None and claims.get("iss") == self._issuer else None

    async def _leads_to(self, client_id: str | None, uri: str | None) -> str | None:
        """Return the address if it is one that the client has registered, exactly."""
        if client_id is None or uri is None or not clients.is_id(client_id):
            return None
        found = await self._store.read(lambda tx: tx.clients.find(client_id))
        known = () if found is None else found.client.post_logout_redirect_uris
        return uri if uri in known else None
