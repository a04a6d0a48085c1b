"""The file: ours beside what is there, and read back as what it was."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from labpass.trust import structured, text
from labpass.trust.config import TrustConfig
from labpass.trust.errors import Invalid, NotExpressible
from labpass.trust.version import Version

CONFIGS = st.from_type(TrustConfig)

NEW = Version.parse("1.36.3")
COMPANY = {
    "issuer": {"url": "https://company.example", "audiences": ["kubernetes"]},
    "claimMappings": {"username": {"claim": "email", "prefix": "company:"}},
}


def parsed(rendered: str) -> dict[str, object]:
    loaded = YAML(typ="safe", pure=True).load(io.StringIO(rendered))
    assert isinstance(loaded, dict)
    return loaded


@given(CONFIGS)
def test_the_text_read_back_gives_the_same_configuration(config: TrustConfig) -> None:
    rendered = text.render(structured.merge(None, config, NEW))
    assert structured.read(parsed(rendered)) == (config.accepting_any_algorithm(),)


@given(CONFIGS, CONFIGS)
def test_a_neighbour_and_what_is_anonymous_stay_as_they_are(
    config: TrustConfig, other: TrustConfig
) -> None:
    anonymous = {"enabled": True, "conditions": [{"path": "/livez"}]}
    before: dict[str, object] = {"anonymous": anonymous, "jwt": [COMPANY, structured.entry(other)]}
    merged = structured.merge(before, config, NEW)
    assert merged["anonymous"] == anonymous
    kept = [item for item in structured.entries(merged) if item != structured.entry(config)]
    expected = [COMPANY] if other.issuer == config.issuer else [COMPANY, structured.entry(other)]
    assert kept == ([COMPANY] if structured.entry(other) == structured.entry(config) else expected)
    assert structured.merge(merged, config, NEW) == merged


@given(CONFIGS)
def test_taking_ours_out_leaves_what_was_there(config: TrustConfig) -> None:
    before: dict[str, object] = {**structured.empty(NEW), "jwt": [COMPANY]}
    merged = structured.merge(before, config, NEW)
    assert structured.remove(merged, config.issuer, NEW) == before


def test_an_entry_for_the_same_issuer_is_replaced_where_it_stands(config: TrustConfig) -> None:
    old = structured.entry(replace(config, audiences=("labpass-old-11111111",)))
    before: dict[str, object] = {"jwt": [old, COMPANY, old]}
    merged = structured.merge(before, config, NEW)
    assert merged["jwt"] == [structured.entry(config), COMPANY]
    assert before["jwt"] == [old, COMPANY, old]


def test_an_entry_that_somebody_changed_is_no_longer_ours(config: TrustConfig) -> None:
    entry = structured.entry(config)
    weaker = {**entry, "userValidationRules": []}
    assert structured.read({"jwt": [weaker]}) == ()
    assert structured.foreign({"jwt": [weaker, entry, {}, 7]}) == (
        config.issuer,
        "(no issuer)",
        "(no issuer)",
    )


def test_a_file_is_not_for_versions_below_1_30(config: TrustConfig) -> None:
    with pytest.raises(NotExpressible, match="flags"):
        structured.merge(None, config, Version.parse("1.29.14"))


def test_a_jwt_that_is_no_list_is_refused(config: TrustConfig) -> None:
    with pytest.raises(Invalid, match="jwt"):
        structured.merge({"jwt": {}}, config, NEW)


def test_signs_of_a_prefix_mean_themselves_in_the_handle_rule(config: TrustConfig) -> None:
    entry = structured.entry(replace(config, username_prefix="a.b+c:"))
    assert "'^a[.]b[+]c:[a-z0-9]" in str(entry["userValidationRules"])
