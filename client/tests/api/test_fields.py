"""Answers become values; what is strange is the server's fault, in words."""

from dataclasses import dataclass

import pytest

from labpass.api import fields
from labpass.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    ends: str | None
    is_on: bool
    tags: tuple[str, ...]
    inner: tuple[Inner, ...]


GOOD = {"name": "a", "ends": None, "is_on": True, "tags": ["x"], "inner": [{"name": "b"}]}


def test_a_document_becomes_a_value_and_comes_back() -> None:
    value = fields.read(Outer, GOOD | {"new in 2030": 1})
    assert value.inner == (Inner(name="b"),)
    assert fields.to_document(value)["inner"] == ({"name": "b"},)


def test_lists_and_ends_may_be_missing() -> None:
    value = fields.read(Outer, {"name": "a", "is_on": False})
    assert (value.ends, value.tags, value.inner) == (None, (), ())


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        GOOD | {"name": 1},
        GOOD | {"is_on": None},
        GOOD | {"inner": ["x"]},
        {"is_on": True},
    ],
)
def test_an_answer_of_another_shape_is_said(document: object) -> None:
    with pytest.raises(Problem, match="not understood"):
        fields.read(Outer, document)
