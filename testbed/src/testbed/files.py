"""Small files that appear whole or not at all."""

import os
from pathlib import Path


def write(path: Path, content: bytes | str, *, mode: int = 0o600) -> Path:
    """Write ``content`` to ``path`` by rename; nobody ever reads half of it."""
    data = content.encode() if isinstance(content, str) else content
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    fresh.replace(path)
    return path


def folder(path: Path) -> Path:
    """Make ``path`` and its parents; only the owner may look into it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
