"""Canary tokens: they prove that a cluster trusts us, and have no rights anywhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from labpass.secret import Secret
from labpass_server.identity import keyring, ports
from labpass_server.kit import random
from labpass_server.model import claims, cluster, event, handle

LONGEST: Final = timedelta(hours=24)
_SHORTEST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A pair: one made out for the cluster, one for an audience that it must refuse."""

    token: Secret
    wrong_audience_token: Secret
    handle: str
    groups: tuple[str, ...]
    expires_at: datetime


class Canaries:
    """Issues them. Whoever calls has checked that the caller administers the cluster."""

    def __init__(self, store: ports.Store, keys: keyring.Keyring, issuer: str) -> None:
        self._store = store
        self._keys = keys
        self._issuer = issuer

    async def issue(self, target: cluster.Target, *, lifetime: timedelta, now: datetime) -> Canary:
        """Issue a pair that lives at most a day, whatever is asked for."""
        kept = min(max(lifetime, _SHORTEST), LONGEST)
        signer = await self._keys.signer(target.algorithm, now)
        wrong = f"{target.audience}-wrong"
        right, refused = (
            Secret(signer.sign(claims.for_canary(self._frame(audience, kept, now))))
            for audience in (target.audience, wrong)
        )
        happened = event.Event(at=now, kind=event.Kind.CANARY_ISSUED, subject=target.name)
        await self._store.write(lambda tx: tx.events.add(happened))
        return Canary(
            token=right,
            wrong_audience_token=refused,
            handle=handle.CANARY,
            groups=(handle.CANARY,),
            expires_at=now + kept,
        )

    def _frame(self, audience: str, lifetime: timedelta, now: datetime) -> claims.Frame:
        return claims.Frame(
            issuer=self._issuer,
            audience=audience,
            id=random.identifier(26),
            issued_at=now,
            lifetime=lifetime,
            authenticated_at=now,
        )
