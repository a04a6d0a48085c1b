"""Documents as YAML text: block style, strings quoted wherever any YAML reader could differ.

Kubernetes reads YAML 1.1, where ``yes``, ``1:30`` and ``0o7`` are no strings. A plain string here
starts with a letter, holds nothing but letters, digits and a few signs, and is not one of YAML's
words; everything else is quoted the JSON way.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

_WORD: Final = r"[A-Za-z0-9_./@+=-]+"
_PLAIN: Final = re.compile(
    rf"[A-Za-z/](?:{_WORD})?(?::{_WORD})*(?: {_WORD}(?::{_WORD})*)*", re.ASCII
)
_YAMLS_OWN: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def render(document: Mapping[str, object]) -> str:
    """Return the document as YAML, keys in the order given, ending in one newline."""
    return "".join(f"{line}\n" for line in _block(document))


def _block(value: object) -> list[str]:
    match value:
        case Mapping() if value:
            return [line for key, held in value.items() for line in _pair(str(key), held)]
        case list() | tuple() if value:
            return [line for held in value for line in _item(held)]
        case _:
            return [_flat(value)]


def _pair(key: str, held: object) -> list[str]:
    name = scalar(key)
    if isinstance(held, str) and _fits_a_literal(held):
        return [f"{name}: |", *(f"  {line}".rstrip(" ") for line in held[:-1].split("\n"))]
    if not _is_nested(held):
        return [f"{name}: {_flat(held)}"]
    indent = "  " if isinstance(held, Mapping) else ""
    return [f"{name}:", *(f"{indent}{line}" if line else "" for line in _block(held))]


def _item(held: object) -> list[str]:
    first, *others = _block(held)
    return [f"- {first}", *(f"  {line}" if line else "" for line in others)]


def _is_nested(value: object) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and len(value) > 0


def _fits_a_literal(text: str) -> bool:
    lines = text[:-1].split("\n")
    return (
        text.endswith("\n")
        and len(lines) > 1
        and all(line.isprintable() and line and line == line.strip() for line in lines)
    )


def _flat(value: object) -> str:
    match value:
        case str():
            return scalar(value)
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
        case None | bool() | int() | float():
            return json.dumps(value)
        case _:
            msg = f"no text for {type(value).__name__}"
            raise TypeError(msg)


def scalar(text: str) -> str:
    """Return one string as YAML: plain where nobody could misread it, else quoted."""
    if _PLAIN.fullmatch(text) and text.lower() not in _YAMLS_OWN:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in quoted)


def _escaped(sign: str) -> str:
    return f"\\U{ord(sign):08x}"


def has_comments(rendered: str) -> bool:
    """Whether a YAML text seems to hold comments, which writing it anew would lose."""
    return any(line.lstrip().startswith("#") or " #" in line for line in rendered.splitlines())
