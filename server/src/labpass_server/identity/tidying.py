"""What the loop does for identity every minute: erases salts, removes what is over."""

from datetime import datetime

from labpass_server.identity import ports
from labpass_server.model import session


class Tidying:
    """Runs in any number of replicas: doing it twice is as once."""

    def __init__(self, store: ports.Store) -> None:
        self._store = store

    async def tidy(self, now: datetime) -> None:
        """Do it."""

        def work(tx: ports.Transaction) -> None:
            tx.leftovers.forget_salts(now - session.GRACE)
            tx.leftovers.remove(now)

        await self._store.write(work)
