"""Kubernetes versions, and which way of being told each of them understands."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from labpass.trust.errors import Invalid

_SPELLING: Final = re.compile(r"v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?(?:[-+.][A-Za-z0-9.+-]*)?")


class Mechanism(StrEnum):
    """How an API server is told whom to believe (KEP-3331)."""

    FLAGS = "--oidc-* flags"
    V1BETA1 = "apiserver.config.k8s.io/v1beta1"
    V1 = "apiserver.config.k8s.io/v1"

    @property
    def is_a_file(self) -> bool:
        """Whether it is an AuthenticationConfiguration, which is loaded again without a restart."""
        return self is not Mechanism.FLAGS


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """A Kubernetes version as far as it matters here; suffixes of vendors are left out."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``v1.36.3``, ``1.34``, ``v1.30.14+rke2r1`` or ``v1.33.5-eks-3025e55``.

        Raises `Invalid` for anything else, and for a version from before 1.27.
        """
        found = _SPELLING.fullmatch(text.strip())
        if found is None:
            raise Invalid("version", f"{text!r} is no Kubernetes version, such as v1.36.3")
        major, minor, patch = (int(part or 0) for part in found.groups())
        version = cls(major=major, minor=minor, patch=patch)
        if version < cls(major=1, minor=27):
            raise Invalid("version", f"{version} is older than 1.27, the oldest that is supported")
        return version

    @property
    def mechanism(self) -> Mechanism:
        """What this version is told by: the newest form that it reads without a feature gate."""
        if self >= Version(major=1, minor=34):
            return Mechanism.V1
        if self >= Version(major=1, minor=30):
            return Mechanism.V1BETA1
        return Mechanism.FLAGS

    @property
    def reads_anonymous(self) -> bool:
        """Whether ``anonymous:`` may stand in the file without a feature gate."""
        return self >= Version(major=1, minor=32)

    @property
    def reads_egress_selector(self) -> bool:
        """Whether ``egressSelectorType`` is a known field."""
        return self >= Version(major=1, minor=34)

    @property
    def tells_running_hash(self) -> bool:
        """Whether the metrics name the hash of the running file, and not only count reloads."""
        return self >= Version(major=1, minor=34)

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"
