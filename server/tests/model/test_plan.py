from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model import objects, plan, progress, rule
from labpass_server.model.cluster import Algorithm, Cluster, ClusterId
from labpass_server.model.found import Found, FoundBinding, FoundNamespace, as_wanted
from labpass_server.model.handle import Handle
from labpass_server.model.objects import Namespace, RoleBinding
from labpass_server.model.project import Placement, PodSecurity, Project, ProjectId
from labpass_server.model.role import RoleName

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OURS = "here"
CLUSTER = Cluster(
    id=ClusterId("c1"),
    name="lab",
    audience="labpass-lab-abcdefgh",
    installation=OURS,
    server=None,
    certificate_authority=None,
    username_prefix="labpass:",
    groups_prefix="labpass:",
    algorithm=Algorithm.RS256,
    created_at=NOW,
)
PROJECTS = tuple(
    Project(
        id=ProjectId(f"p{number}"),
        name=f"project-{number}",
        is_hidden=False,
        pod_security=PodSecurity.BASELINE,
        placements=(Placement(cluster_id=CLUSTER.id, namespace=f"labpass-project-{number}"),),
        created_at=NOW,
    )
    for number in range(3)
)
scopes = st.one_of(
    st.just(rule.Organisation()),
    st.sampled_from(PROJECTS).map(lambda each: rule.InProject(each.id)),
)
rules = st.lists(
    st.builds(
        rule.Rule,
        id=st.uuids().map(lambda each: rule.RuleId(str(each))),
        subject=st.sampled_from("abcdefg").map(lambda each: rule.person(Handle(each * 2))),
        role=st.sampled_from(RoleName),
        scope=scopes,
        ends_at=st.one_of(st.none(), st.just(NOW), st.just(NOW + timedelta(hours=1))),
        reason=st.just(""),
        created_by=st.just(Handle("root")),
        created_at=st.just(NOW),
        revision=st.just(1),
    ),
    max_size=12,
)


def wanted_of(
    given_rules: list[rule.Rule], projects: tuple[Project, ...] = PROJECTS
) -> objects.Wanted:
    held = objects.grants(CLUSTER, projects, given_rules, now=NOW)
    return objects.wanted(CLUSTER, projects, held)


def carry_out(steps: plan.Plan, found: Found) -> Found:
    """Carry out a plan, on namespaces whose default account comes at once."""
    for step in (*steps.revokes, *steps.namespaces, *steps.grants):
        if isinstance(step, plan.Create):
            assert place_of(step) not in {each.name for each in found.namespaces} or isinstance(
                step.item, RoleBinding
            )
    done = progress.after(found, (*steps.revokes, *steps.namespaces, *steps.grants))
    return replace(
        done,
        namespaces=tuple(replace(each, token_mount_is_off=True) for each in done.namespaces),
    )


def everything(found: Found) -> tuple[frozenset[FoundNamespace], frozenset[FoundBinding]]:
    return frozenset(found.namespaces), frozenset(found.bindings)


@given(rules)
def test_nothing_is_planned_when_all_is_as_it_shall_be(some: list[rule.Rule]) -> None:
    wanted = wanted_of(some)
    assert plan.plan(wanted, as_wanted(wanted), installation=OURS).is_empty


@given(rules, rules)
def test_carrying_out_a_plan_gives_what_was_wanted(
    before: list[rule.Rule], after: list[rule.Rule]
) -> None:
    found, wanted = as_wanted(wanted_of(before)), wanted_of(after)
    steps = plan.plan(wanted, found, installation=OURS)
    assert everything(carry_out(steps, found)) == everything(as_wanted(wanted))


@given(rules, rules)
def test_the_revokes_alone_leave_nobody_with_more_than_they_shall_have(
    before: list[rule.Rule], after: list[rule.Rule]
) -> None:
    found, wanted = as_wanted(wanted_of(before)), wanted_of(after)
    steps = plan.plan(wanted, found, installation=OURS)
    first = replace(steps, namespaces=(), grants=())
    shall = {(each.namespace, each.cluster_role): set(each.subjects) for each in wanted.bindings}
    for each in carry_out(first, found).bindings:
        key = (each.namespace, each.cluster_role or "")
        assert set(each.subjects) <= shall.get(key, set())


def bend(item: FoundBinding) -> list[FoundBinding]:
    return [
        replace(item, cluster_role="cluster-admin"),
        replace(item, cluster_role=None),
        replace(item, subjects=("kubernetes-admin", *item.subjects)),
        replace(item, subjects=()),
        replace(item, has_strangers=True),
    ]


@given(rules, st.data())
def test_foreign_edits_to_our_bindings_are_taken_back(
    some: list[rule.Rule], data: st.DataObject
) -> None:
    wanted = wanted_of(some)
    found = as_wanted(wanted)
    bent = tuple(data.draw(st.sampled_from([each, *bend(each)])) for each in found.bindings)
    drifted = replace(found, bindings=bent)
    steps = plan.plan(wanted, drifted, installation=OURS)
    assert everything(carry_out(steps, drifted)) == everything(found)


def place_of(step: plan.Step) -> str:
    match step:
        case plan.Create(item=item) | plan.Apply(item=item):
            return item.name if isinstance(item, Namespace) else item.namespace
        case plan.Delete() | plan.SwitchOffTokenMount():
            return step.namespace


FOREIGN: list[Callable[[FoundNamespace], FoundNamespace]] = [
    lambda each: replace(each, installation=None),
    lambda each: replace(each, installation="elsewhere"),
    lambda each: replace(each, is_managed=False),
    lambda each: replace(each, is_terminating=True),
]


@pytest.mark.parametrize("bent", FOREIGN)
@given(rules)
def test_a_foreign_or_ending_namespace_is_an_obstacle_and_is_never_touched(
    bent: Callable[[FoundNamespace], FoundNamespace], some: list[rule.Rule]
) -> None:
    wanted = wanted_of(some)
    found = as_wanted(wanted_of([]))
    first, *others = found.namespaces
    drifted = replace(found, namespaces=(bent(first), *others))
    steps = plan.plan(wanted, drifted, installation=OURS)
    assert [each.namespace for each in steps.obstacles] == [first.name]
    for step in (*steps.revokes, *steps.namespaces, *steps.grants):
        assert place_of(step) != first.name


@given(rules)
def test_foreign_bindings_are_never_touched(some: list[rule.Rule]) -> None:
    foreign = [
        replace(each, installation="elsewhere") for each in as_wanted(wanted_of(some)).bindings
    ]
    stray = FoundBinding(
        namespace="labpass-project-0",
        name="theirs",
        is_managed=False,
        installation=None,
        cluster_role="cluster-admin",
        subjects=("kubernetes-admin",),
        has_strangers=False,
    )
    found = replace(as_wanted(wanted_of([])), bindings=(*foreign, stray))
    steps = plan.plan(wanted_of(some), found, installation=OURS)
    assert steps.is_empty
    assert len(steps.obstacles) == len(foreign)


def test_a_project_that_is_gone_loses_its_bindings_and_keeps_its_namespace() -> None:
    all_may = [
        rule.Rule(
            id=rule.RuleId("r"),
            subject=rule.person(Handle("alice")),
            role=RoleName.RESEARCHER,
            scope=rule.Organisation(),
            ends_at=None,
            reason="",
            created_by=Handle("root"),
            created_at=NOW,
            revision=1,
        )
    ]
    found = as_wanted(wanted_of(all_may))
    steps = plan.plan(wanted_of(all_may, PROJECTS[1:]), found, installation=OURS)
    left = carry_out(steps, found)
    assert steps.revokes
    assert "labpass-project-0" in {each.name for each in left.namespaces}
    assert "labpass-project-0" not in {each.namespace for each in left.bindings}


def test_the_token_mount_of_a_default_account_is_switched_off_once_it_exists() -> None:
    wanted = wanted_of([])
    found = as_wanted(wanted)
    first, second, third = found.namespaces
    drifted = replace(
        found,
        namespaces=(
            replace(first, token_mount_is_off=False),
            replace(second, token_mount_is_off=None),
            third,
        ),
    )
    steps = plan.plan(wanted, drifted, installation=OURS)
    assert steps.namespaces == (plan.SwitchOffTokenMount(namespace=first.name),)


def test_a_change_says_who_gains_and_who_loses() -> None:
    one, two = (
        objects.Grant(
            person=Handle(name),
            project="p",
            cluster="c",
            namespace="n",
            permission_set="view",
        )
        for name in ("alice", "bob")
    )
    assert plan.change(frozenset({one}), frozenset({two})) == plan.Change(
        gains=(two,), loses=(one,)
    )
