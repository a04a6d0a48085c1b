"""What a check has to say: a place, a reason, and whether it forbids the change."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a finding forbids the change or is something to know."""

    REFUSED = "refused"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check found. ``where`` is a path, as in ``jwt[0].issuer.url``."""

    severity: Severity
    where: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        said = f"{self.where}: {self.reason}" if self.where else self.reason
        return f"{said} ({self.remedy})" if self.remedy else said

    def to_document(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "severity": str(self.severity),
            "where": self.where,
            "reason": self.reason,
            "remedy": self.remedy,
        }


def refuse(where: str, reason: str, remedy: str = "") -> Finding:
    """Make a finding that forbids the change."""
    return Finding(severity=Severity.REFUSED, where=where, reason=reason, remedy=remedy)


def warn(where: str, reason: str, remedy: str = "") -> Finding:
    """Make a finding that a person should know."""
    return Finding(severity=Severity.WARNING, where=where, reason=reason, remedy=remedy)


def refusals(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those that forbid the change."""
    return tuple(one for one in found if one.severity is Severity.REFUSED)
