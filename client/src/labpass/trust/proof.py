"""What proves that an API server believes the authority, and believes nobody more: as values.

The expected is known before anything is asked; the observed is what the cluster answered; `judge`
compares. A thing that could not be observed is never counted as passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

EVERYBODY: Final = "system:authenticated"
"""The group that an API server adds to every name it knows."""
UNAUTHORIZED: Final = 401


class Verdict(StrEnum):
    """How one line of the proof came out."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the canary of one cluster must become there, and which bytes must be running.

    ``running_hash`` is ``sha256:<hex>``, or `None` where no file or no metric tells it.
    """

    username: str
    groups: tuple[str, ...]
    running_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the API server answered; `None` for a question that was not, or could not be, asked.

    A status is an HTTP status. ``canary_groups`` are all groups as answered.
    """

    canary_status: int | None = None
    canary_username: str | None = None
    canary_groups: tuple[str, ...] = ()
    wrong_audience_status: int | None = None
    nonsense_is_allowed: bool | None = None
    break_glass_username: str | None = None
    break_glass_status: int | None = None
    running_hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the proof, as it is shown. The proof stands without an optional one."""

    name: str
    verdict: Verdict
    expected: str
    found: str
    is_optional: bool = False

    def to_document(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "verdict": str(self.verdict),
            "expected": self.expected,
            "found": self.found,
        }


def judge(expected: Expected, observed: Observed) -> tuple[Line, ...]:
    """Compare, one line for each question, in the order in which they are worth reading."""
    return (
        _canary_name(expected, observed),
        _canary_groups(expected, observed),
        _wrong_audience(observed),
        _nonsense(observed),
        _break_glass(observed),
        _running(expected, observed),
    )


def judge_gone(running_hash: str | None, observed: Observed) -> tuple[Line, ...]:
    """Compare after trust was taken back: the canary is nobody any more, nobody else is lost."""
    expected = Expected(username="", groups=(), running_hash=running_hash)
    return (
        _canary_refused(observed),
        _nonsense(observed),
        _break_glass(observed),
        _running(expected, observed),
    )


def is_proven(lines: tuple[Line, ...]) -> bool:
    """Whether every line passed; one that was not seen is not proof, unless it is optional."""
    return bool(lines) and all(
        line.verdict is Verdict.PASSED or (line.is_optional and line.verdict is Verdict.NOT_SEEN)
        for line in lines
    )


def _line(
    name: str, wanted: str, found: str | None, *, passes: Callable[[str], bool] | None = None
) -> Line:
    if found is None:
        return Line(name=name, verdict=Verdict.NOT_SEEN, expected=wanted, found="not asked")
    passed = passes(found) if passes else found == wanted
    verdict = Verdict.PASSED if passed else Verdict.FAILED
    return Line(name=name, verdict=verdict, expected=wanted, found=found)


def _canary_name(expected: Expected, observed: Observed) -> Line:
    found = observed.canary_username
    if found is None and observed.canary_status is not None:
        found = f"HTTP {observed.canary_status}"
    return _line("the canary's name", expected.username, found)


def _canary_groups(expected: Expected, observed: Observed) -> Line:
    """Exactly our groups and the one for everybody: one more would be a right nobody meant."""
    wanted = _listed((*expected.groups, EVERYBODY))
    found = _listed(observed.canary_groups) if observed.canary_username is not None else None
    if found is None and observed.canary_status is not None:
        found = f"HTTP {observed.canary_status}"
    return _line("the canary's groups", wanted, found)


def _canary_refused(observed: Observed) -> Line:
    wanted, status = f"HTTP {UNAUTHORIZED}", observed.canary_status
    if status is None:
        return Line(
            name="the canary",
            verdict=Verdict.NOT_SEEN,
            expected=wanted,
            found="the bundle's tokens are over, so it was not asked",
            is_optional=True,
        )
    return _line("the canary", wanted, observed.canary_username or f"HTTP {status}")


def _wrong_audience(observed: Observed) -> Line:
    status = observed.wrong_audience_status
    found = None if status is None else f"HTTP {status}"
    return _line("a token for another cluster", f"HTTP {UNAUTHORIZED}", found)


def _nonsense(observed: Observed) -> Line:
    allowed = observed.nonsense_is_allowed
    found = None if allowed is None else ("allowed" if allowed else "not allowed")
    return _line("a user that nobody is", "not allowed", found)


def _break_glass(observed: Observed) -> Line:
    status, name = observed.break_glass_status, observed.break_glass_username
    found = None if status is None else (f"works, as {name}" if name else f"HTTP {status}")
    return _line(
        "the administrator's own credential",
        "works",
        found,
        passes=lambda it: it.startswith("works"),
    )


def _running(expected: Expected, observed: Observed) -> Line:
    """Every API server that reported must run these bytes."""
    name = "the running configuration"
    wanted = expected.running_hash
    if wanted is None:
        return Line(
            name=name,
            verdict=Verdict.NOT_SEEN,
            expected="the file's hash",
            found="no file was given, or this version does not tell",
            is_optional=True,
        )
    found = ", ".join(sorted(set(observed.running_hashes))) or None
    return _line(name, wanted, found)


def _listed(groups: tuple[str, ...]) -> str:
    return ", ".join(sorted(groups)) or "none"
