"""Reads an answer's document into a frozen value, field by field.

Fields that we do not know are left alone: an older client meets a newer server. A field that we
need and that is missing or of another type is the server's fault, and said so.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import TypeVar

from labpass.problems import Problem

Document = Mapping[str, object]
Value = TypeVar("Value")


def read(kind: type[Value], document: object) -> Value:
    """Make one value. Raises `Problem` when the document does not have its shape."""
    if not isinstance(document, Mapping):
        raise _strange(kind.__name__, "is no object")
    hints = typing.get_type_hints(kind)
    given = {
        name: _taken(hint, document.get(name), f"{kind.__name__}.{name}")
        for name, hint in hints.items()
    }
    return kind(**given)


def to_document(value: object) -> dict[str, object]:
    """Return a value as the document it came from, as far as we know its fields."""
    assert dataclasses.is_dataclass(value)
    assert not isinstance(value, type)
    return dataclasses.asdict(value)


def _taken(hint: object, held: object, where: str) -> object:
    """Return what was held, as the type that a field wants."""
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        return None if held is None else _taken(arguments[0], held, where)
    if typing.get_origin(hint) is tuple:
        items = held if isinstance(held, list) else []
        return tuple(_taken(arguments[0], one, where) for one in items)
    assert isinstance(hint, type)
    if dataclasses.is_dataclass(hint):
        return read(hint, held)
    if not isinstance(held, hint):
        raise _strange(where, f"should be {hint.__name__}")
    return held


def _strange(where: str, why: str) -> Problem:
    return Problem(
        f"The Labpass server's answer is not understood: {where} {why}.",
        hint="is this labpass as new as the server? labpass --version",
    )
