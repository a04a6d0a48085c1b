"""Which server a profile signs in to, and which CA to trust for it: ``config.json``.

    {"version": 1, "profiles": {"default": "https://login.example"},
     "servers": {"https://login.example": {"ca": "-----BEGIN CERTIFICATE-----..." | null}}}

It holds no secret. It is private all the same: who can change it chooses whom we send a password.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from labpass.problems import NotSignedIn, Problem, UsageProblem
from labpass.session import files, profiles
from labpass.session.folders import Folders

NAME: Final = "config.json"
ADDRESS: Final = re.compile(
    r"https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[1-9]\d{0,4})?(/[!-~]*)?"
)
EMPTY: Final[dict[str, Any]] = {"version": 1, "profiles": {}, "servers": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Labpass server: ``url`` is the issuer, exact; ``ca_pem`` None trusts the machine's CAs."""

    url: str
    ca_pem: str | None = None


def load(folders: Folders, environment: Mapping[str, str], profile: str) -> Server:
    """Return the server of a profile; LABPASS_SERVER wins. Raises `NotSignedIn` without one."""
    found = _read(folders)
    url = environment.get("LABPASS_SERVER") or found["profiles"].get(profile)
    if not url:
        who = "here" if profile == profiles.DEFAULT else f"for the profile {profile}"
        hint = profiles.command("login --server https://...", profile)
        raise NotSignedIn(f"No Labpass server is known {who} yet.", hint=hint)
    return known(folders, str(url).rstrip("/"))


def known(folders: Folders, url: str) -> Server:
    """Return the server of that address with the CA that was pinned for it, if one was.

    Raises `UsageProblem` for what cannot be a server's address: it is where secrets are sent.
    """
    if not ADDRESS.fullmatch(url):
        raise UsageProblem(
            f"A Labpass server's address starts with https://, not {url!r}.",
            hint="Is LABPASS_SERVER right?",
        )
    entry = _read(folders)["servers"].get(url) or {}
    return Server(url=url, ca_pem=entry.get("ca"))


def save(folders: Folders, profile: str, server: Server, *, is_chosen: bool = True) -> None:
    """Make ``server`` the profile's own; other profiles and servers stay.

    One that is not ``is_chosen``, but came from LABPASS_SERVER, takes nobody's place.
    """
    found = _read(folders)
    own = {profile: server.url}
    content = {
        "version": 1,
        "profiles": found["profiles"] | own if is_chosen else own | found["profiles"],
        "servers": {**found["servers"], server.url: {"ca": server.ca_pem}},
    }
    files.write(folders.config / NAME, json.dumps(content, indent=2).encode())


def _read(folders: Folders) -> dict[str, Any]:
    path = folders.config / NAME
    raw = files.read(path)
    if raw is None:
        return EMPTY
    try:
        found = json.loads(raw)
    except ValueError as e:
        raise Problem(f"{path} is not JSON: {e}.", hint=f"Sign in again: rm {path}") from e
    if not isinstance(found, dict) or found.get("version") != 1:
        raise Problem(
            f"{path} is not of a version that this labpass knows.", hint="Update labpass."
        )
    whole = {**EMPTY, **found}
    if not all(isinstance(whole[name], dict) for name in ("profiles", "servers")):
        raise Problem(f"{path} is damaged.", hint=f"Sign in again: rm {path}")
    return whole
