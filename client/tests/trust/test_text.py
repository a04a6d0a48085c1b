"""Our YAML is read back as what it was, by a YAML 1.1 and a 1.2 reader alike."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from labpass.trust import text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LINES = st.lists(st.text("abc-: #", max_size=8), min_size=1, max_size=4).map("\n".join)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), TEXTS, LINES)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=12,
)


def read(document: str, version: str) -> object:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(io.StringIO(document))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_was_rendered_is_read_back(document: dict[str, object]) -> None:
    rendered = text.render(document)
    assert read(rendered, "1.2") == document
    assert read(rendered, "1.1") == document


@pytest.mark.parametrize(
    "tricky",
    ["yes", "No", "1:30", "0o7", "~", "<<", "2026-11-23", "1e3", "- a", "a: b", "a #b", "labpass:"],
)
def test_a_string_that_yaml_would_take_for_something_else_is_quoted(tricky: str) -> None:
    assert text.scalar(tricky) == f'"{tricky}"'


def test_a_certificate_is_a_literal_block() -> None:
    rendered = text.render({"ca": "-----BEGIN X-----\nabc\n-----END X-----\n"})
    assert rendered == "ca: |\n  -----BEGIN X-----\n  abc\n  -----END X-----\n"


def test_lists_of_mappings_read_like_a_document() -> None:
    rendered = text.render({"jwt": [{"issuer": {"url": "https://a.example"}, "rules": []}]})
    assert rendered == "jwt:\n- issuer:\n    url: https://a.example\n  rules: []\n"


def test_a_value_that_no_document_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="no text for set"):
        text.render({"a": {1}})


def test_comments_are_seen() -> None:
    assert text.has_comments("a: b # why\n")
    assert not text.has_comments("a: b#c\n")
