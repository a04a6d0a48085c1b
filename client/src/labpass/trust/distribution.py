"""What every distribution answers: one file each in `labpass.trust.distributions`.

From one `TrustConfig` and what was found, a distribution says the exact change, how it takes effect
and for how long the API is away, how to see that it did, how it is taken back, and its traps as
findings. It also says on what evidence. `labpass.rollout` and the server's pages know nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from labpass.trust.config import TrustConfig
from labpass.trust.findings import Finding, refusals
from labpass.trust.steps import Step, WriteFile, to_document
from labpass.trust.version import Version


class Reach(StrEnum):
    """Where a distribution is changed."""

    NODE = "files on a control-plane node"
    OBJECT = "an object on a Kubernetes API"
    CLOUD = "a cloud's API"
    FILE = "a file that somebody else applies"
    NONE = "no setting exists"


class Proof(StrEnum):
    """How well something is known."""

    REAL = "seen on a running API server"
    SCHEMA = "accepted by the vendor's own schema or SDK"
    DOCUMENTS = "read in the vendor's pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """On what a distribution's text rests. ``seen_on`` names versions, or pages with their date."""

    proof: Proof
    seen_on: str


class How(StrEnum):
    """How a change takes effect."""

    NOTHING = "nothing changes"
    HOT_RELOAD = "the API server loads the file again by itself"
    RESTART = "the API server is restarted"
    ROLLING = "control-plane nodes are restarted or replaced one after the other"
    ASYNCHRONOUS = "the provider carries it out in its own time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How a change takes effect: at most ``within``, with no API for about ``away``."""

    how: How
    within: timedelta
    away: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How to see that a change took effect.

    ``running_hash`` is what ``last_config_info`` must name, from 1.34; below, the counter of
    successful reloads must grow. ``arguments`` must be on the API server's command line.
    """

    running_hash: str | None = None
    counts_reloads: bool = False
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What stands on the API server's side before a change, parsed.

    ``files`` maps a path to its text, ``documents`` the same path to what it holds. ``command`` is
    the API server's command line where it could be seen. ``runs_from_file`` says whether the API
    server was seen to run exactly the bytes of its configuration file; `None`: not looked.
    """

    version: Version
    files: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    runs_from_file: bool | None = None
    service_account_issuers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A plan: steps in order, their effect, how to see it, the way back, what speaks against it."""

    steps: tuple[Step, ...]
    effect: Effect
    watch: Watch
    undo: tuple[Step, ...]
    evidence: Evidence
    findings: tuple[Finding, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether a finding forbids it."""
        return bool(refusals(self.findings))

    @property
    def is_nothing(self) -> bool:
        """Whether everything stands as wanted already."""
        return all(isinstance(step, WriteFile) and step.text == step.before for step in self.steps)

    def to_document(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "steps": [to_document(step) for step in self.steps],
            "effect": {
                "how": self.effect.how.name.lower().replace("_", "-"),
                "within_seconds": int(self.effect.within.total_seconds()),
                "without_api_seconds": int(self.effect.away.total_seconds()),
            },
            "evidence": {
                "proof": self.evidence.proof.name.lower(),
                "seen_on": self.evidence.seen_on,
            },
            "undo": [to_document(step) for step in self.undo],
            "findings": [finding.to_document() for finding in self.findings],
        }


class Distribution(Protocol):
    """One way of telling an API server; a value without state."""

    @property
    def name(self) -> str:
        """The name on the command line, such as ``rke2``."""
        ...

    @property
    def title(self) -> str:
        """The name in sentences, such as ``RKE2``."""
        ...

    @property
    def reach(self) -> Reach:
        """Where it is changed."""
        ...

    def evidence(self, version: Version) -> Evidence:
        """On what its text for this version rests."""
        ...

    def change(self, config: TrustConfig, found: Found) -> Change:
        """Plan the change; raises `NotExpressible` for what this distribution cannot say."""
        ...

    def withdraw(self, issuer: str, found: Found) -> Change:
        """Plan the way back: this issuer's entry taken out of what stands there today."""
        ...

    def read(self, found: Found) -> tuple[TrustConfig, ...]:
        """Return what is ours in what was found: the reverse of `change`."""
        ...
