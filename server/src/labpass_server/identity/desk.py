"""The shared phases of every request at the token endpoint, so that no grant can forget one.

The client is authenticated and the grant runs in one transaction; what is to be signed is signed
after it, for that takes longer than all the rest.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from labpass.secret import Secret
from labpass_server.identity import clients, issuing, keyring, ports, revocation
from labpass_server.identity.outcome import Granted, Outcome, Refused

Grant: TypeAlias = Callable[[issuing.Turn], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who a client says it is; without a secret it can only be a public one."""

    client_id: str
    secret: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """The client is unknown, or has not proven who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What was granted, with the ID token signed."""

    granted: Granted
    id_token: Secret | None


Result: TypeAlias = Issued | Refused | Stranger


class Desk:
    """Serves one request after the other."""

    def __init__(
        self,
        store: ports.Store,
        authority: issuing.Authority,
        keys: keyring.Keyring,
        signing: Executor | None = None,
    ) -> None:
        self._store = store
        self._authority = authority
        self._keys = keys
        self._signing = signing

    async def serve(
        self, by: Credentials, grant: Grant, *, now: datetime, writes: bool = True
    ) -> Result:
        """Authenticate, run the grant, sign. A refusal is committed too: it may end a session."""
        run = self._store.write if writes else self._store.read
        outcome = await run(lambda tx: self._turn(tx, by, grant, now))
        if not isinstance(outcome, Granted):
            return outcome
        return Issued(granted=outcome, id_token=await self._sign(outcome, now))

    async def revoke(self, by: Credentials, token: Secret, *, now: datetime) -> Stranger | None:
        """Authenticate, and end what the token stands for if it is this client's."""

        def grant(turn: issuing.Turn) -> Outcome:
            revocation.revoke(turn.tx, turn.client, token, now=now)
            return Granted(expires_in=timedelta(0))

        result = await self.serve(by, grant, now=now)
        return result if isinstance(result, Stranger) else None

    def _turn(
        self, tx: ports.Transaction, by: Credentials, grant: Grant, now: datetime
    ) -> Outcome | Stranger:
        authority = self._authority
        client = clients.find(tx, authority.targets, authority.issuer, by.client_id)
        if client is None or not clients.is_authentic(client, by.secret):
            return Stranger()
        return grant(issuing.Turn(tx=tx, authority=authority, client=client, now=now))

    async def _sign(self, granted: Granted, now: datetime) -> Secret | None:
        unsigned = granted.id_token
        if unsigned is None:
            return None
        signer = await self._keys.signer(unsigned.algorithm, now)
        loop = asyncio.get_running_loop()
        # RSA frees the interpreter's lock, so other requests go on meanwhile.
        return Secret(await loop.run_in_executor(self._signing, signer.sign, unsigned.claims))
