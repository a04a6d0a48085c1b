"""Puts our entries into somebody's kubeconfig: by name, ours alone, the rest untouched. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from labpass.kubeconfig.document import EXTENSION, plain

LISTS: Final = ("clusters", "users", "contexts")
SKELETON: Final = {"apiVersion": "v1", "kind": "Config"}


def merge(into: dict[str, Any], ours: Mapping[str, Any], *, set_context: bool) -> bool:
    """Change ``into`` so that it holds ``ours``; False when it did already.

    The current context is changed on request only: a person's next command must not silently go to
    another cluster.
    """
    changed = False
    for key, value in SKELETON.items():
        changed |= into.setdefault(key, value) != value
    for plural in LISTS:
        changed |= _merge_list(into, plural, ours[plural])
    wanted = ours.get("current-context")
    if set_context and wanted and into.get("current-context") != wanted:
        into["current-context"] = wanted
        changed = True
    return changed


def _merge_list(into: dict[str, Any], plural: str, ours: list[dict[str, Any]]) -> bool:
    if not into.get(plural):  # kubectl writes null for an empty list
        into[plural] = []
    held = into[plural]
    places = {entry.get("name"): number for number, entry in enumerate(held)}
    changed = False
    for entry in ours:
        number = places.get(entry["name"])
        if number is None:
            held.append(entry)
        elif plain(held[number]) != plain(entry):
            held[number] = entry
        else:
            continue
        changed = True
    return changed


def is_ours(entry: Mapping[str, Any], singular: str) -> bool:
    """True if an entry carries our mark."""
    marks = (entry.get(singular) or {}).get("extensions") or []
    return any(mark.get("name") == EXTENSION for mark in marks)
