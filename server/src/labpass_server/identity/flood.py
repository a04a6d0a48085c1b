"""How many sign-ins may wait: anybody can begin one, and each is a row for half an hour.

Decided before anything is written. A single network reaches its own bound first; when the whole is
under pressure, those who have few still begin theirs.
"""

from datetime import timedelta
from typing import Final

from labpass_server.identity import ports
from labpass_server.model import errors

EACH: Final = 600
"""Of one network: a lecture hall behind one address, with three a head."""

FEW: Final = 10
FULL: Final = 20_000
MOST: Final = 100_000
_RETRY: Final = timedelta(seconds=60)


async def refuse(store: ports.Store, network: str) -> None:
    """Raise `TooMany` when no more may be begun from there."""
    if not await store.read(lambda tx: has_room(tx, network)):
        raise errors.TooMany(_RETRY)


def has_room(tx: ports.Transaction, network: str) -> bool:
    """Tell whether one more may wait."""
    waiting, of_network = tx.sign_ins.count(), tx.sign_ins.count(network)
    if waiting >= MOST:
        return False
    return of_network < (FEW if waiting >= FULL else EACH)
