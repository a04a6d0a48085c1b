"""Where the programs are: KUBEBUILDER_ASSETS, then the cache, else built into the cache."""

import os
import sys
from pathlib import Path

from testbed.programs import NAMES, Programs, build, lock
from testbed.version import DEFAULT, Version


def programs(version: Version) -> Programs:
    """Return a folder that holds every program; builds what is missing, which takes minutes.

    KUBEBUILDER_ASSETS counts only for the default release: it does not say which one it holds.
    """
    given = os.environ.get("KUBEBUILDER_ASSETS")
    if given and version == DEFAULT and _has_all(Path(given)):
        return Programs(folder=Path(given).absolute())
    folder = cache() / str(version)
    _ensure(NAMES, folder, version)
    return Programs(folder=folder)


def peer(name: str) -> Path:
    """Return one of `PEERS`: from KUBEBUILDER_ASSETS, from the cache, else built into it."""
    given = os.environ.get("KUBEBUILDER_ASSETS")
    if given and os.access(Path(given) / name, os.X_OK):
        return Path(given).absolute() / name
    folder = cache() / str(DEFAULT)
    _ensure((name,), folder, DEFAULT)
    return folder / name


def cache() -> Path:
    """Return the folder that holds every release's programs."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home).absolute() / "labpass" / "testbed"


def _has_all(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in NAMES)


def _ensure(names: tuple[str, ...], folder: Path, version: Version) -> None:
    if not _missing(names, folder, version):
        return
    with lock.held(cache() / "lock", on_wait=_say_who_builds):
        if missing := _missing(names, folder, version):
            build.build(missing, folder, version=version, cache=cache(), of=len(names))


def _missing(names: tuple[str, ...], folder: Path, version: Version) -> tuple[str, ...]:
    return tuple(name for name in names if not build.is_built(name, folder, version))


def _say_who_builds() -> None:
    print("another testbed is building the programs; waiting for it", file=sys.stderr, flush=True)
