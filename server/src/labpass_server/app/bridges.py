"""Where identity asks access: each room sees its own view of the one transaction."""

from datetime import datetime

from labpass_server.access import entry, founding
from labpass_server.identity import ports
from labpass_server.model import cluster, handle, person
from labpass_server.storage.transaction import Transaction


class Targets:
    """Which clusters there are, and who has a live rule on one."""

    def find(self, tx: ports.Transaction, audience: str) -> cluster.Target | None:
        """Find the cluster with this audience."""
        return entry.find(_whole(tx), audience)

    def reaches(
        self,
        tx: ports.Transaction,
        person_id: person.PersonId,
        target: cluster.Target,
        now: datetime,
    ) -> bool:
        """Tell whether the person has a live rule there."""
        return entry.reaches(_whole(tx), person_id, target, now)


def found(tx: ports.Transaction, name: handle.Handle, *, now: datetime) -> None:
    """Make this person an organisation administrator."""
    founding.found(_whole(tx), name, now=now)


def _whole(tx: ports.Transaction) -> Transaction:
    assert isinstance(tx, Transaction)
    return tx
