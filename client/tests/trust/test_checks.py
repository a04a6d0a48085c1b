"""What would kill an API server at its start is refused here first."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.trust import checks, neighbours, structured
from labpass.trust.checks import Context
from labpass.trust.config import TrustConfig
from labpass.trust.findings import Severity, refusals
from labpass.trust.version import Version

NEW = Version.parse("1.36.3")
OLD = Version.parse("1.30.14")


def company(**more: Any) -> dict[str, Any]:
    return {
        "issuer": {"url": "https://company.example", "audiences": ["kubernetes"]},
        "claimMappings": {"username": {"claim": "email", "prefix": "company:"}},
        **more,
    }


def test_what_we_write_passes(config: TrustConfig) -> None:
    for version in (NEW, OLD):
        document = structured.merge({"jwt": [company()]}, config, version)
        assert checks.check(document, Context(version=version)) == ()
        assert checks.check(structured.empty(version), Context(version=version)) == ()


def with_(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *folders, last = path.split("/")
        place: Any = document
        for folder in folders:
            place = place[int(folder) if folder.isdigit() else folder]
        place[int(last) if last.isdigit() else last] = value

    return change


HOSTILE: dict[str, Callable[[dict[str, Any]], None]] = {
    "another kind": with_("kind", "AuthorizationConfiguration"),
    "the version of another release": with_("apiVersion", "apiserver.config.k8s.io/v1alpha1"),
    "an unknown field": with_("jwts", []),
    "an unknown field deeper": with_("jwt/0/issuer/URL", "https://a.example"),
    "a list that is none": with_("jwt", {}),
    "an entry that is none": with_("jwt/0", "x"),
    "too many entries": with_("jwt", [company()] * 65),
    "no issuer": with_("jwt/0/issuer", None),
    "http": with_("jwt/0/issuer/url", "http://company.example"),
    "no address": with_("jwt/0/issuer/url", 7),
    "the same issuer twice": with_("jwt/1", company()),
    "the service accounts' issuer": with_("jwt/0/issuer/url", "https://kubernetes.default.svc"),
    "discovery at the issuer": with_("jwt/0/issuer/discoveryURL", "https://company.example"),
    "an authority that is no PEM": with_("jwt/0/issuer/certificateAuthority", "x"),
    "an authority that is no text": with_("jwt/0/issuer/certificateAuthority", 1),
    "no audience": with_("jwt/0/issuer/audiences", []),
    "an audience twice": with_("jwt/0/issuer/audiences", ["a", "a"]),
    "two audiences without a policy": with_("jwt/0/issuer/audiences", ["a", "b"]),
    "a policy nobody knows": with_("jwt/0/issuer/audienceMatchPolicy", "MatchAll"),
    "an egress selector": with_("jwt/0/issuer/egressSelectorType", "cluster"),
    "no user name": with_("jwt/0/claimMappings", {}),
    "mappings that are none": with_("jwt/0/claimMappings", []),
    "no prefix": with_("jwt/0/claimMappings/username", {"claim": "sub"}),
    "a mapping that is none": with_("jwt/0/claimMappings/username", "sub"),
    "neither claim nor expression": with_("jwt/0/claimMappings/groups", {}),
    "CEL we cannot judge": with_("jwt/0/claimMappings/uid", {"expression": "claims.uid"}),
    "a prefix for an expression": with_(
        "jwt/0/claimMappings/username", {"expression": "claims.a", "prefix": ""}
    ),
    "extras": with_("jwt/0/claimMappings/extra", [{"key": "A", "valueExpression": "'a'"}]),
    "rules that are none": with_("jwt/0/userValidationRules", {}),
    "a rule that is none": with_("jwt/0/userValidationRules", ["x"]),
    "a rule without an expression": with_("jwt/0/userValidationRules", [{"message": "x"}]),
    "a message that is none": with_(
        "jwt/0/userValidationRules",
        [{"expression": "!user.username.startsWith('system:')", "message": 1}],
    ),
    "a rule twice": with_("jwt/0/userValidationRules", [structured.RESERVED_NAMES[0]] * 2),
    "a claim rule that is none": with_("jwt/0/claimValidationRules", "x"),
    "a claim rule without a value": with_("jwt/0/claimValidationRules", [{"claim": "a"}]),
    "a claim rule with a message": with_(
        "jwt/0/claimValidationRules", [{"claim": "a", "requiredValue": "b", "message": "c"}]
    ),
    "a claim rule of CEL": with_("jwt/0/claimValidationRules", [{"expression": "claims.a == 1"}]),
    "a claim twice": with_(
        "jwt/0/claimValidationRules", [{"claim": "a", "requiredValue": "b"}] * 2
    ),
    "nothing for anonymous": with_("anonymous", None),
    "an anonymous that is none": with_("anonymous", True),
    "anonymous neither on nor off": with_("anonymous", {}),
    "conditions for nobody": with_("anonymous", {"enabled": False, "conditions": [{"path": "/"}]}),
    "conditions that are none": with_("anonymous", {"enabled": True, "conditions": "x"}),
    "a condition that is none": with_("anonymous", {"enabled": True, "conditions": ["x"]}),
    "a condition elsewhere": with_("anonymous", {"enabled": True, "conditions": [{"path": "x"}]}),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_document_that_kills_an_api_server_is_refused(config: TrustConfig, attack: str) -> None:
    document = structured.merge({"jwt": [company()]}, config, NEW)
    HOSTILE[attack](document)
    issuers = ("https://kubernetes.default.svc",)
    context = Context(version=NEW, service_account_issuers=issuers)
    assert refusals(checks.check(document, context))


def test_a_file_for_a_version_that_reads_none_is_refused(config: TrustConfig) -> None:
    document = structured.merge(None, config, NEW)
    assert checks.check(document, Context(version=Version.parse("1.29.0")))


def test_what_is_anonymous_may_not_change_while_it_runs(config: TrustConfig) -> None:
    running = {"anonymous": {"enabled": True}, "jwt": []}
    context = Context(version=NEW, running=running)
    kept = structured.merge(running, config, NEW)
    assert checks.check(kept, context) == ()
    for other in (None, {"enabled": False}):
        changed = {**kept, "anonymous": other} if other else structured.merge(None, config, NEW)
        assert any("may not change" in str(one) for one in checks.check(changed, context))


def test_fields_of_later_versions_are_refused_by_earlier_ones(config: TrustConfig) -> None:
    document = structured.merge({"anonymous": {"enabled": True}}, config, OLD)
    assert any(
        "does not read it" in one.reason for one in checks.check(document, Context(version=OLD))
    )
    foreign = company()
    foreign["issuer"]["egressSelectorType"] = "cluster"
    found = checks.check(structured.merge({"jwt": [foreign]}, config, OLD), Context(version=OLD))
    assert [one.where for one in found] == ["jwt[0].issuer.egressSelectorType"]


def test_an_entry_that_runs_already_passes_whole_and_only_word_for_word(
    config: TrustConfig,
) -> None:
    mapped = {"username": {"expression": "'company:' + claims.sub"}}
    foreign = company(claimMappings=mapped)
    running = {"jwt": [foreign]}
    document = structured.merge(running, config, NEW)
    assert checks.check(document, Context(version=NEW, running=running)) == ()
    assert checks.check(document, Context(version=NEW))
    broken = Context(version=NEW, running={"jwt": 7})
    assert checks.check(document, broken)


def test_a_neighbour_without_a_prefix_is_refused_until_a_rule_closes_the_gap(
    config: TrustConfig,
) -> None:
    bare = company(claimMappings={"username": {"claim": "sub", "prefix": ""}})
    items: list[object] = [bare, structured.entry(config)]
    (found,) = neighbours.check(items, config)
    assert found.severity is Severity.REFUSED
    closed = {**bare, "userValidationRules": [structured.keeps_away("labpass:")]}
    assert neighbours.check([closed], config) == ()
    document = structured.merge({"jwt": [closed]}, config, NEW)
    assert checks.check(document, Context(version=NEW)) == ()


def test_a_neighbour_whose_names_are_cel_could_be_anybody(config: TrustConfig) -> None:
    clever = company(claimMappings={"username": {"expression": "claims.sub"}})
    assert refusals(neighbours.check([clever], config))


def test_a_neighbour_with_bare_groups_is_a_warning(config: TrustConfig) -> None:
    mapped = {
        "username": {"claim": "sub", "prefix": "company:"},
        "groups": {"claim": "groups", "prefix": ""},
    }
    (found,) = neighbours.check([company(claimMappings=mapped)], config)
    assert (found.severity, found.remedy) == (Severity.WARNING, "give its groups a prefix")
    assert found.to_document()["severity"] == "warning"


NAMES = (
    st.sampled_from(
        [*"abc", "jwt", "issuer", "url", "discoveryURL", "audiences", "claimMappings", "username"]
    )
    | st.sampled_from(
        ["groups", "claim", "prefix", "expression", "claimValidationRules", "userValidationRules"]
    )
    | st.sampled_from(
        ["message", "requiredValue", "anonymous", "enabled", "conditions", "path", "uid", "extra"]
    )
)
ANYTHING = st.recursive(
    st.sampled_from([None, "", "x", 0, True, "https://a.example"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(NAMES, ANYTHING, max_size=4), st.lists(ANYTHING, max_size=2), ANYTHING)
def test_whatever_a_file_holds_is_judged_and_never_a_crash(
    document: dict[str, Any], items: list[Any], inside: Any
) -> None:
    entry = {"issuer": inside, "claimMappings": inside, "claimValidationRules": inside}
    config = TrustConfig(issuer="https://b.example", audiences=("a",))
    for jwt in (document.get("jwt"), [*items, entry], [inside]):
        whole = {**document, "jwt": jwt}
        checks.check(whole, Context(version=NEW, running=document))
        if isinstance(jwt, list):
            assert structured.read(whole) == ()
            neighbours.check(jwt, config)
            structured.merge(whole, config, NEW)
