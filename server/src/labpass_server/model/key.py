"""Signing keys as rows, and when each is made, promoted, retired and removed. Pure.

API servers cache the JWKS: a key signs only long after it was published, and stays published long
after it last signed. identity.md, "Tokens for Kubernetes".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NewType

from labpass_server.model.cluster import Algorithm

KeyId = NewType("KeyId", str)

JWKS_MAX_AGE: Final = timedelta(seconds=60)
PUBLISHED_AHEAD: Final = timedelta(hours=24)
SIGNS_FOR: Final = timedelta(days=30)
STAYS_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. ``id`` is the RFC 7638 thumbprint; ``sealed`` is gone once it no longer signs.

    Next: published, ``signs_from`` empty. Current: signs. Retired: still published for a day.
    The public half stays for ever, to know old ID tokens as hints at sign-out.
    """

    id: KeyId
    algorithm: Algorithm
    public_jwk: str
    sealed: bytes | None
    published_at: datetime
    signs_from: datetime | None = None
    retired_at: datetime | None = None

    @property
    def is_next(self) -> bool:
        """Tell whether it waits for its turn."""
        return self.signs_from is None

    def is_published(self, now: datetime) -> bool:
        """Tell whether the JWKS lists it."""
        return self.retired_at is None or now < self.retired_at + STAYS_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What is due for one algorithm. A first key signs at once: none older is cached."""

    algorithm: Algorithm
    makes_first: bool = False
    makes_next: bool = False
    promotes: KeyId | None = None
    retires: tuple[KeyId, ...] = ()
    erases: tuple[KeyId, ...] = ()


def signing(keys: Sequence[Key], algorithm: Algorithm, now: datetime) -> Key | None:
    """Return the key that signs now: the one promoted last."""
    able = [
        key
        for key in keys
        if key.algorithm == algorithm
        and key.sealed is not None
        and key.signs_from is not None
        and key.signs_from <= now
    ]
    return max(able, key=lambda key: (key.signs_from, key.id), default=None)


def plan(keys: Sequence[Key], algorithm: Algorithm, now: datetime) -> Rotation:
    """Return what is due. The next key is always there, published at least a day ahead."""
    ours = [key for key in keys if key.algorithm == algorithm]
    current = signing(ours, algorithm, now)
    waiting = sorted((key for key in ours if key.is_next), key=lambda key: key.published_at)
    promoted = _due(current, waiting, now)
    return Rotation(
        algorithm=algorithm,
        makes_first=current is None and not waiting,
        makes_next=len(waiting) - (promoted is not None) < 1,
        promotes=promoted,
        retires=_retiring(ours, current, promoted),
        erases=tuple(
            key.id for key in ours if key.sealed is not None and not key.is_published(now)
        ),
    )


def _due(current: Key | None, waiting: Sequence[Key], now: datetime) -> KeyId | None:
    if not waiting:
        return None
    oldest = waiting[0]
    if current is None:
        return oldest.id
    is_old = current.signs_from is not None and now >= current.signs_from + SIGNS_FOR
    is_known = now >= oldest.published_at + PUBLISHED_AHEAD
    return oldest.id if is_old and is_known else None


def _retiring(
    ours: Sequence[Key], current: Key | None, promoted: KeyId | None
) -> tuple[KeyId, ...]:
    return tuple(
        key.id
        for key in ours
        if key.signs_from is not None
        and key.retired_at is None
        and (promoted is not None or (current is not None and key.id != current.id))
    )
