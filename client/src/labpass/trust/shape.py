"""The shape of a document as a strict decoder sees it: known fields, texts where texts belong."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from labpass.trust.findings import Finding, refuse

_PATH: Final = re.compile(r"/[A-Za-z0-9/._-]{0,200}", re.ASCII)


def unknown(where: str, held: Mapping[str, object], known: Collection[str]) -> Iterator[Finding]:
    """Refuse fields that the decoder does not know; capitals count."""
    for name in held:
        if name not in known:
            yield refuse(f"{where}.{name}".lstrip("."), "is an unknown field")


def text(where: str, held: object) -> Iterator[Finding]:
    """Refuse what is no text, or an empty one."""
    if not isinstance(held, str) or not held:
        yield refuse(where, "must be a text")


def texts(where: str, held: object) -> Iterator[Finding]:
    """Refuse what is no list of different texts with at least one in it."""
    if not isinstance(held, list) or not held:
        yield refuse(where, "must be a list of texts, at least one")
        return
    for place, one in enumerate(held):
        yield from text(f"{where}[{place}]", one)
    if len({str(one) for one in held}) != len(held):
        yield refuse(where, "one stands there twice")


def mapping(where: str, held: object, known: Collection[str]) -> Iterator[Finding]:
    """Refuse what is no mapping of known fields."""
    if isinstance(held, Mapping):
        yield from unknown(where, held, known)
    else:
        yield refuse(where, "must be a mapping")


def anonymous(where: str, held: object) -> Iterator[Finding]:
    """Check ``anonymous``: enabled or not, and the paths where it holds."""
    yield from mapping(where, held, ("enabled", "conditions"))
    if not isinstance(held, Mapping):
        return
    if not isinstance(held.get("enabled"), bool):
        yield refuse(f"{where}.enabled", "must be true or false")
    conditions = held.get("conditions", [])
    if not isinstance(conditions, list):
        yield refuse(f"{where}.conditions", "must be a list")
        return
    if conditions and held.get("enabled") is not True:
        yield refuse(f"{where}.conditions", "need enabled: true")
    for place, condition in enumerate(conditions):
        here = f"{where}.conditions[{place}]"
        yield from mapping(here, condition, ("path",))
        path = condition.get("path") if isinstance(condition, Mapping) else None
        if not isinstance(path, str) or not _PATH.fullmatch(path):
            yield refuse(f"{here}.path", "must be a path that begins with /")
