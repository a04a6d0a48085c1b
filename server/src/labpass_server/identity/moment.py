"""One step of one sign-in, inside one transaction."""

from dataclasses import dataclass
from datetime import datetime

from labpass.secret import Secret
from labpass_server.identity import digest, ports, step, visit
from labpass_server.model import session


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """``transaction`` is the secret that names the sign-in on its pages."""

    tx: ports.Transaction
    transaction: Secret
    now: datetime

    def save(self, sign_in: session.SignIn) -> None:
        """Keep how far it has come."""
        self.tx.sign_ins.save(digest.of(self.transaction), sign_in)

    def take(self) -> bool:
        """End it; exactly one caller is told ``True``."""
        return self.tx.sign_ins.take(digest.of(self.transaction), self.now)

    def progress(self, reached: step.Step) -> visit.Progress:
        """Return where it is."""
        return visit.Progress(transaction=self.transaction, step=reached)
