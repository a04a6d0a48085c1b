"""The bundle of ``labpass cluster bundle``: a configuration and two canary tokens, in one file.

A node needs nobody's sign-in: what stands in the file is all. It opens nothing: the canary has no
rights, and its tokens live as long as the change may take.
"""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from labpass.problems import NotFound, Problem
from labpass.secret import Secret
from labpass.trust.config import TrustConfig
from labpass.trust.errors import Invalid

LARGEST: Final = 1 << 20
"""Bytes. The largest true bundle is a few kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A person without rights: what its token must become, and a token that must be refused."""

    token: Secret
    wrong_audience_token: Secret
    username: str
    groups: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What one cluster's API server must be told, and how to prove that it was."""

    cluster: str
    config: TrustConfig
    canary: Canary

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """Read the server's answer. Raises `Invalid` or `KeyError` for anything else."""
        trust, canary = _mapping(document["trust"]), _mapping(document["canary"])
        groups = canary["groups"]
        if not isinstance(groups, list):
            raise Invalid("canary.groups", "must be a list")
        return cls(
            cluster=str(document["cluster"]),
            config=TrustConfig.from_document(trust),
            canary=Canary(
                token=Secret(str(canary["token"])),
                wrong_audience_token=Secret(str(canary["wrong_audience_token"])),
                username=str(canary["username"]),
                groups=tuple(str(group) for group in groups),
                expires_at=_moment(str(canary["expires_at"])),
            ),
        )


def load(path: Path) -> Bundle:
    """Read a bundle. Raises `Problem` for a file that is none, or that others can write.

    Whoever can write it chooses whom the cluster believes.
    """
    try:
        text = _read(path)
    except OSError as e:
        raise NotFound(f"Cannot read {path}: {e.strerror}.", hint="labpass cluster bundle") from e
    try:
        return Bundle.from_document(_mapping(json.loads(text)))
    except (ValueError, KeyError, TypeError) as e:
        why = str(e) if isinstance(e, Invalid) else "it is not what labpass cluster bundle writes"
        raise Problem(f"{path} is no bundle: {why}.", hint="labpass cluster bundle NAME") from e


def _read(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        is_plain = stat.S_ISREG(found.st_mode)
        if is_plain and (found.st_mode & 0o022 or found.st_uid not in {0, os.geteuid()}):
            raise Problem(
                f"{path} can be written by others, who would choose whom the cluster believes.",
                hint=f"chmod go-w {path}, if you know where it comes from",
            )
        read = file.read(LARGEST + 1)
    if len(read) > LARGEST:
        raise Problem(f"{path} is too large for a bundle.")
    return read.decode(errors="replace")


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError("must be a mapping")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise Invalid("canary.expires_at", "has no time zone")
    return moment
