"""One configuration file of an API server: read, backed up, replaced at once, given back.

A reader sees the old bytes or the new ones, never half of either, and so does a machine that lost
its power: temporary file, fsync, rename, fsync of the folder.
"""

import io
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent

from labpass.problems import Conflict, NotFound, Problem
from labpass.trust.errors import Invalid
from labpass.trust.structured import plain

LARGEST: Final = 1 << 20
_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The file as it was read: exact bytes and, where it is YAML, what it holds."""

    raw: bytes
    text: str
    document: Mapping[str, object]


def read(path: Path) -> Present | None:
    """Return what stands there, `None` without a file. Raises `Problem` for what is no YAML."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as e:
        raise NotFound(f"Cannot read {path}: {e.strerror}.") from e
    if len(raw) > LARGEST:
        raise Problem(f"{path} is too large for an authentication configuration.")
    try:
        text = raw.decode()
        return Present(raw=raw, text=text, document=parse(text))
    except (UnicodeDecodeError, YAMLError, ValueError) as e:
        reason = str(e).splitlines()[0]
        raise Problem(f"{path} cannot be understood: {reason}.", hint="nothing was changed") from e


def parse(text: str) -> dict[str, object]:
    """Return one YAML mapping as plain values.

    Raises `Invalid` or `YAMLError`. Aliases are refused: a few lines of them unfold into
    gigabytes.
    """
    for event in YAML(pure=True).parse(io.StringIO(text)):
        if isinstance(event, AliasEvent):
            raise Invalid("file", "it uses YAML aliases")
    loaded = YAML(typ="safe", pure=True).load(io.StringIO(text))
    if not isinstance(loaded, dict):
        raise Invalid("file", "it is no mapping")
    return plain(loaded)


def back_up(present: Present, path: Path, folder: Path, now: datetime) -> Path:
    """Keep the exact bytes, 0600, and read them back. Returns where.

    ``folder`` must be outside the configuration's own: an API server or kubelet may watch that.
    """
    if path.parent.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise Problem(f"The backup folder {folder} lies inside {path.parent}, which is watched.")
    kept = folder / f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}" / path.name
    try:
        kept.parent.mkdir(parents=True, mode=0o700)
        _write_new(kept, present.raw, _PRIVATE)
        _sync(kept.parent)
        _sync(folder)
        is_kept = kept.read_bytes() == present.raw
    except OSError as e:
        raise Problem(
            f"Cannot keep a backup in {folder}: {e.strerror}.", hint="--backup DIR"
        ) from e
    if not is_kept:
        raise Problem(f"The backup {kept} does not read back as what was written.")
    return kept


def replace(path: Path, wanted: bytes, *, expected: bytes) -> None:
    """Put ``wanted`` in the place of exactly ``expected``, keeping owner and mode.

    Raises `Conflict` when somebody changed the file meanwhile, `Problem` when it cannot be written;
    in both cases the old file stands untouched.
    """
    if path.is_symlink():
        path = path.resolve()
    beside = path.parent / f".{path.name}.{secrets.token_hex(6)}"
    try:
        found = path.stat()
        if path.read_bytes() != expected:
            raise Conflict(f"{path} was changed by somebody else meanwhile.", hint="plan again")
        try:
            _write_new(beside, wanted, found.st_mode & 0o777)
            if os.geteuid() == 0:
                os.chown(beside, found.st_uid, found.st_gid)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _sync(path.parent)
    except OSError as e:
        raise Problem(f"Cannot write {path}: {e.strerror}.", hint="nothing was changed") from e


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(descriptor, mode)
        file.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
