"""Where the programs are: KUBEBUILDER_ASSETS, then the cache, else they are built into the cache."""

import os
from pathlib import Path

from testbed.problems import Problem
from testbed.programs import NAMES, Programs
from testbed.version import Version


def programs(version: Version) -> Programs:
    """Return a folder that holds every program in that version; builds what is missing, which takes minutes."""
    for folder in (given(), cached(version)):
        if folder and not missing(folder):
            return Programs(folder=folder)
    raise Problem(f"missing in {cached(version)}: {', '.join(missing(cached(version)))}")


def given() -> Path | None:
    """Return the folder that KUBEBUILDER_ASSETS names, as for Kubernetes' own tests."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(folder).absolute() if folder else None


def cached(version: Version) -> Path:
    """Return the folder of the cache that is for ``version``."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home).absolute() / "labpass" / "testbed" / str(version)


def missing(folder: Path) -> tuple[str, ...]:
    """Return the programs that are not in ``folder``, in the order in which they are built."""
    return tuple(name for name in NAMES if not os.access(folder / name, os.X_OK))
