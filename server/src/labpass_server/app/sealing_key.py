"""The file that holds the sealing key: 32 bytes in base64url, in a folder of its own.

Whoever has it and the database can sign as the authority, so it is kept away from the data folder
and from ordinary backups.
"""

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import Final

from labpass_server.app import folder
from labpass_server.kit import random
from labpass_server.model import errors

LENGTH: Final = 32
_OTHERS: Final = 0o007
_GROUP: Final = 0o070
_GROUP_READS: Final = 0o040


def load(path: Path) -> bytes | None:
    """Return the key, or `None` without a file. Raises `Invalid` for a key others can read."""
    if not path.exists():
        return None
    refuse_open(path, "sealing-key")
    try:
        key = base64.urlsafe_b64decode(path.read_bytes().strip() + b"=")
    except (OSError, binascii.Error) as error:
        raise errors.Invalid("sealing-key", f"cannot read {path}") from error
    if len(key) != LENGTH:
        raise errors.Invalid("sealing-key", f"{path} does not hold {LENGTH} bytes in base64url")
    return key


def make(path: Path) -> bytes:
    """Make a key where there is none, in a folder for its owner alone."""
    folder.make(path.parent)
    key = random.octets(LENGTH)
    folder.write_new(path, base64.urlsafe_b64encode(key).rstrip(b"=") + b"\n")
    return key


def refuse_open(path: Path, setting: str) -> None:
    """Raise `Invalid` when somebody else can read the file.

    A group may read it only where the file is root's and we are not root: that is how Kubernetes
    mounts a Secret for us.
    """
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    is_mounted = found.st_uid == 0 and os.geteuid() != 0 and mode & _GROUP == _GROUP_READS
    if mode & _OTHERS or (mode & _GROUP and not is_mounted):
        raise errors.Invalid(setting, f"others can read {path} ({mode:04o}); run: chmod 600 {path}")
