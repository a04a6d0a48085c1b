"""A kubeconfig that may be shown: every user that is not ours is covered as a whole. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from labpass.kubeconfig.document import PLUGIN, plain

COVERED: Final = "(not shown)"
BULKY: Final = "certificate-authority-data"
RISKY: Final = "proxy-url"


def masked(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy to show.

    A credential can stand anywhere in a user, spelled in any way, so nothing inside is looked at
    but whether it is our plugin, which holds none.
    """
    shown: dict[str, Any] = plain(document)
    for entry in _entries(shown, "users"):
        if not _is_our_plugin(entry.get("user")):
            entry["user"] = COVERED
    for entry in _entries(shown, "clusters"):
        inside = entry.get("cluster")
        for key in (BULKY, RISKY):
            if isinstance(inside, dict) and key in inside:
                inside[key] = COVERED
    return shown


def _entries(shown: dict[str, Any], plural: str) -> list[dict[str, Any]]:
    held = shown.get(plural)
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def _is_our_plugin(user: object) -> bool:
    match user:
        case {"exec": {"command": str() as command, "args": [_, _, _, _, _]}, **more}:
            return not more and command.replace("\\", "/").rpartition("/")[2].startswith(PLUGIN)
        case _:
            return False
