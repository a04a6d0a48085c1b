from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model import decide, role, rule
from labpass_server.model.decide import Allowed, Denied
from labpass_server.model.handle import Handle
from labpass_server.model.project import ProjectId
from labpass_server.model.role import Permission, RoleName

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = rule.InProject(ProjectId("here"))
scopes = st.sampled_from([rule.Organisation(), HERE, rule.InProject(ProjectId("there"))])
rules = st.builds(
    rule.Rule,
    id=st.just(rule.RuleId("r")),
    subject=st.just(rule.person(Handle("alice"))),
    role=st.sampled_from(RoleName),
    scope=scopes,
    ends_at=st.sampled_from([None, NOW]),
    reason=st.just(""),
    created_by=st.just(Handle("root")),
    created_at=st.just(NOW),
    revision=st.just(1),
)


def one(name: RoleName, scope: rule.Scope = HERE) -> rule.Rule:
    return rule.Rule(
        id=rule.RuleId("r"),
        subject=rule.person(Handle("alice")),
        role=name,
        scope=scope,
        ends_at=None,
        reason="",
        created_by=Handle("root"),
        created_at=NOW,
        revision=1,
    )


@given(st.lists(rules, max_size=4), rules, st.sampled_from(Permission), scopes)
def test_more_rules_never_mean_less(
    some: list[rule.Rule], another: rule.Rule, permission: Permission, scope: rule.Scope
) -> None:
    if decide.decide(permission, scope, some, now=NOW) == Allowed():
        assert decide.decide(permission, scope, [*some, another], now=NOW) == Allowed()


@given(st.lists(rules, max_size=4), rules, st.sampled_from(RoleName), scopes)
def test_more_rules_never_mean_fewer_grants(
    some: list[rule.Rule], another: rule.Rule, name: RoleName, scope: rule.Scope
) -> None:
    if decide.decide_grant(name, scope, some, now=NOW, until=None) == Allowed():
        assert decide.decide_grant(name, scope, [*some, another], now=NOW, until=None) == Allowed()


@given(st.lists(rules, max_size=4), st.sampled_from(RoleName), scopes)
def test_whoever_may_grant_a_role_holds_all_that_it_gives(
    some: list[rule.Rule], name: RoleName, scope: rule.Scope
) -> None:
    if decide.decide_grant(name, scope, some, now=NOW, until=None) == Allowed():
        assert rule.power_at(scope, some, now=NOW).covers(role.ROLES[name].power)


@given(st.lists(rules, max_size=4), st.sampled_from(Permission), scopes)
def test_what_is_denied_somewhere_is_denied_everywhere(
    some: list[rule.Rule], permission: Permission, scope: rule.Scope
) -> None:
    if isinstance(decide.decide_somewhere(permission, some, now=NOW), Denied):
        assert isinstance(decide.decide(permission, scope, some, now=NOW), Denied)


def test_a_decision_has_no_truth_value() -> None:
    with pytest.raises(TypeError):
        bool(Denied(reason="no"))
    with pytest.raises(TypeError):
        bool(Allowed())


def test_a_rule_in_one_project_says_nothing_in_another() -> None:
    there = rule.InProject(ProjectId("there"))
    answer = decide.decide(Permission.PROJECT_READ, there, [one(RoleName.VIEWER)], now=NOW)
    assert isinstance(answer, Denied)


def test_a_rule_in_the_organisation_is_inherited_by_each_project() -> None:
    mine = [one(RoleName.VIEWER, rule.Organisation())]
    assert decide.decide(Permission.PROJECT_READ, HERE, mine, now=NOW) == Allowed()


def test_a_project_administrator_cannot_make_an_organisation_administrator() -> None:
    mine = [one(RoleName.PROJECT_ADMINISTRATOR)]
    for scope in (HERE, rule.Organisation()):
        answer = decide.decide_grant(
            RoleName.ORGANISATION_ADMINISTRATOR, scope, mine, now=NOW, until=None
        )
        assert isinstance(answer, Denied)


def test_a_researcher_grants_nothing() -> None:
    mine = [one(RoleName.RESEARCHER)]
    for name in RoleName:
        assert isinstance(decide.decide_grant(name, HERE, mine, now=NOW, until=None), Denied)


def test_organisation_administrators_hold_everything_there_is() -> None:
    everything = role.ROLES[RoleName.ORGANISATION_ADMINISTRATOR].power
    assert all(everything.covers(each.power) for each in role.ROLES.values())
    assert everything.permissions | role.EVERYBODY == frozenset(Permission)
