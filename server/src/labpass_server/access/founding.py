"""The first administrator, who is made with the installation, before anybody can be asked."""

from datetime import datetime

from labpass_server.access.ports import Transaction
from labpass_server.kit import random
from labpass_server.model import rule
from labpass_server.model.handle import Handle
from labpass_server.model.role import RoleName


def found(tx: Transaction, handle: Handle, *, now: datetime) -> None:
    """Make this person an organisation administrator, for ever. Twice is as once.

    Only for the set-up link and for ``labpass-server admin create``, in the transaction that makes
    the person: whoever holds the data folder decides who administers.
    """
    subject = rule.person(handle)
    if any(each.is_lasting_administrator for each in tx.rules.of(subject)):
        return
    tx.rules.add(
        rule.Rule(
            id=rule.RuleId(random.identifier()),
            subject=subject,
            role=RoleName.ORGANISATION_ADMINISTRATOR,
            scope=rule.Organisation(),
            ends_at=None,
            reason="set up",
            created_by=handle,
            created_at=now,
            revision=tx.revisions.bump(),
        )
    )
