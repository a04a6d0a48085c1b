"""Who asks: the bearer token of a request becomes a person, and the route's need is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, HTTPException, Request

from labpass.secret import Secret
from labpass_server.access.caller import Caller, Gate
from labpass_server.access.refusals import Refusals
from labpass_server.model import errors, session
from labpass_server.model.person import Person
from labpass_server.model.role import Permission
from labpass_server.web.route import Public

_LONGEST_TOKEN = 512


class Bearers(Protocol):
    """Finds what stands behind a token."""

    async def find(
        self, token: Secret, *, audience: str, now: datetime
    ) -> session.AccessToken | None:
        """Return the session and person of a live token of this audience, else ``None``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request, as its handler needs to know it."""

    person: Person
    session_expires_at: datetime
    address: str | None
    now: datetime

    @property
    def caller(self) -> Caller:
        """The person as use cases know them."""
        return Caller(handle=self.person.handle, address=self.address)


class Guard:
    """Checks each request before its body is read."""

    def __init__(
        self,
        *,
        bearers: Bearers,
        audience: str,
        gate: Gate,
        refusals: Refusals,
        clock: Callable[[], datetime],
    ) -> None:
        self._bearers = bearers
        self._refusals = refusals
        self._audience = audience
        self._gate = gate
        self._clock = clock

    async def check(self, request: Request, needs: Permission | Public) -> None:
        """Go on when the one who asks may; raises what becomes 401 or 403."""
        if isinstance(needs, Public):
            return
        now = self._clock()
        found = await self._bearers.find(_token(request), audience=self._audience, now=now)
        if found is None:
            raise _unauthorised("the token is not valid, or not any more", error="invalid_token")
        asking = Asking(
            person=found.person,
            session_expires_at=found.session.expires_at,
            address=request.client.host if request.client else None,
            now=now,
        )
        request.state.asking = asking
        await self._gate.require_somewhere(asking.caller, needs, now=now)

    async def note(self, request: Request, attempt: str, refusal: errors.NotAllowed) -> None:
        """Leave an event of a refusal of somebody who is signed in."""
        asking = _asking(request)
        await self._refusals.note(asking.caller, attempt, refusal.reason, now=asking.now)


def _asking(request: Request) -> Asking:
    asking = request.state.asking
    assert isinstance(asking, Asking)
    return asking


Asked = Annotated[Asking, Depends(_asking)]
"""What a handler writes to get the one who asks."""


def _token(request: Request) -> Secret:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorised("sign in first: a bearer token is missing")
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise _unauthorised("the token is not valid", error="invalid_token")
    return Secret(token.strip())


def _unauthorised(words: str, *, error: str | None = None) -> HTTPException:
    challenge = "Bearer" if error is None else f'Bearer error="{error}"'
    return HTTPException(401, words, {"WWW-Authenticate": challenge})
