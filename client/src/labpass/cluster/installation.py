"""What the objects in a cluster depend on: whose they are and how people are spelled there."""

import re
from dataclasses import dataclass
from typing import Final

_ID: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")
_PREFIX: Final = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9._:/#@]{0,62}[:/#@-]")
_RESERVED: Final = ("system:", "kubeadm:")


class BadInstallation(ValueError):
    """An id or a prefix that the policies could not be built on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One Labpass installation as one cluster sees it.

    Both prefixes end with a separator and are never empty: the policies know a person by them, and
    a bare name could be ``kubernetes-admin``. Raises `BadInstallation`.
    """

    id: str
    username_prefix: str
    groups_prefix: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise BadInstallation(f"the installation id {self.id!r} is no label value")
        for prefix in (self.username_prefix, self.groups_prefix):
            if not _PREFIX.fullmatch(prefix) or prefix.startswith(_RESERVED):
                raise BadInstallation(f"the prefix {prefix!r} is empty, reserved or unending")
