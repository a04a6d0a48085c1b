"""A version of Kubernetes, and what differs between versions."""

import re
from dataclasses import dataclass
from typing import Self

from testbed.problems import Problem

_SPELLING = re.compile(r"v?1\.(?P<minor>\d{1,3})\.(?P<patch>\d{1,3})")
_STRUCTURED_SINCE = 30
_STRUCTURED_STABLE_SINCE = 34


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """An exact release, such as 1.36.3."""

    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1.36.3`` or ``v1.36.3``; raises `Problem` for anything else."""
        if not (found := _SPELLING.fullmatch(text)):
            raise Problem(f"{text!r} is no release of Kubernetes; write it like 1.36.3")
        return cls(minor=int(found["minor"]), patch=int(found["patch"]))

    def __str__(self) -> str:
        return f"v1.{self.minor}.{self.patch}"

    @property
    def staging(self) -> str:
        """The version of the k8s.io libraries of the same release."""
        return f"v0.{self.minor}.{self.patch}"

    @property
    def authentication_api(self) -> str | None:
        """The API version of AuthenticationConfiguration; None where there is only ``--oidc-*``."""
        if self.minor < _STRUCTURED_SINCE:
            return None
        stable = self.minor >= _STRUCTURED_STABLE_SINCE
        return f"apiserver.config.k8s.io/{'v1' if stable else 'v1beta1'}"


DEFAULT = Version(minor=36, patch=3)
