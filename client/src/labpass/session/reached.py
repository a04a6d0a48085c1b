"""The clusters that a sign-in has reached: ``sess/<key>.reached``, name to address.

Whoever lost their last rule on a cluster still holds its token for a few minutes; with the address
the API server itself can be asked, and says no in its own words. Private like a token: it says whom
tokens are shown to.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from labpass.problems import Problem
from labpass.session import files, keys
from labpass.session.folders import Folders

Clusters = Mapping[str, Mapping[str, Any]]


def note(folders: Folders, clusters: Clusters, *, issuer: str, profile: str) -> None:
    """Remember these beside those from before. A disk that is full is no reason to fail."""
    known = load(folders, issuer=issuer, profile=profile)
    wanted = {**known, **clusters}
    if wanted != known:
        with suppress(files.CannotWrite):
            files.write(_path(folders, issuer, profile), json.dumps(wanted).encode())


def load(folders: Folders, *, issuer: str, profile: str) -> dict[str, Mapping[str, Any]]:
    """Return what was remembered; nothing where it cannot be read."""
    try:
        found = json.loads(files.read(_path(folders, issuer, profile)) or b"{}")
    except (Problem, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: held for name, held in found.items() if isinstance(held, dict)}


def forget(folders: Folders, *, issuer: str, profile: str) -> None:
    """Forget them."""
    files.remove(_path(folders, issuer, profile))


def _path(folders: Folders, issuer: str, profile: str) -> Path:
    return folders.sessions / f"{keys.for_session(issuer=issuer, profile=profile)}.reached"
