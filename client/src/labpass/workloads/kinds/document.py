"""JSON documents as they come from a file or an API server, and reading them without surprises."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Object: TypeAlias = Mapping[str, Json]


def find(document: Json, *path: str) -> Json:
    """Return what lies at ``path``, or None where any step is missing or of another shape."""
    for step in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(step)
    return document


def mapping(document: Json, *path: str) -> Object:
    """Return the mapping at ``path``, empty where there is none."""
    found = find(document, *path)
    return found if isinstance(found, Mapping) else {}


def items(document: Json, *path: str) -> Sequence[Json]:
    """Return the list at ``path``, empty where there is none; a text is no list."""
    found = find(document, *path)
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def text(document: Json, *path: str) -> str:
    """Return the text at ``path``, empty where there is none."""
    found = find(document, *path)
    return found if isinstance(found, str) else ""


def number(document: Json, *path: str, default: int = 0) -> int:
    """Return the whole number at ``path``; ``default`` where there is none."""
    found = find(document, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else default
