"""Signing out: the browser's session ends, with every client's session that began in it."""

from datetime import datetime
from typing import Any, Protocol

from labpass.secret import Secret
from labpass_server.identity import digest, keyring, ports
from labpass_server.model import event, key, session


class Reader(Protocol):
    """Reads an ID token of our own that comes back as a hint."""

    def __call__(self, unverified_token: str, keys: "list[key.Key]") -> dict[str, Any] | None:
        """Return its claims, expired or not; ``None`` if none of these keys signed it."""
        ...


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

    async def is_asked_by(
        self, unverified_hint: str | None, browser: session.Browser, *, now: datetime
    ) -> bool:
        """Tell whether an ID token of this very person asks; else they are asked first."""
        if unverified_hint is None:
            return False
        claims = self._read(unverified_hint, list(await self._keys.all(now)))
        if claims is None or claims.get("iss") != self._issuer:
            return False
        return bool(claims.get("sub") == browser.person.id)

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
