from dataclasses import replace
from datetime import UTC, datetime

from labpass_server.model import objects, rule
from labpass_server.model.cluster import Algorithm, Cluster, ClusterId
from labpass_server.model.handle import Handle
from labpass_server.model.project import Placement, PodSecurity, Project, ProjectId
from labpass_server.model.role import RoleName

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLUSTER = Cluster(
    id=ClusterId("c1"),
    name="lab",
    audience="labpass-lab-abcdefgh",
    installation="here",
    server=None,
    certificate_authority=None,
    username_prefix="aks:jwt:",
    groups_prefix="aks:jwt:",
    algorithm=Algorithm.RS256,
    created_at=NOW,
)
VISION = Project(
    id=ProjectId("p"),
    name="vision",
    is_hidden=False,
    pod_security=PodSecurity.BASELINE,
    placements=(Placement(cluster_id=CLUSTER.id, namespace="labpass-vision"),),
    created_at=NOW,
)


def a_rule(handle: str, role: RoleName = RoleName.VIEWER) -> rule.Rule:
    return rule.Rule(
        id=rule.RuleId(handle),
        subject=rule.person(Handle(handle)),
        role=role,
        scope=rule.InProject(VISION.id),
        ends_at=None,
        reason="",
        created_by=Handle("root"),
        created_at=NOW,
        revision=1,
    )


def bindings(
    rules: list[rule.Rule], barred: frozenset[Handle] = frozenset()
) -> list[objects.RoleBinding]:
    held = objects.grants(CLUSTER, [VISION], rules, now=NOW, barred=barred)
    return list(objects.wanted(CLUSTER, [VISION], held).bindings)


def test_there_is_one_binding_for_a_set_with_its_subjects_sorted_and_prefixed() -> None:
    (view,) = bindings([a_rule("bob"), a_rule("alice")])
    assert view.cluster_role == "labpass-view"
    assert view.subjects == ("aks:jwt:alice", "aks:jwt:bob")


def test_a_researcher_holds_every_set() -> None:
    sets = [each.cluster_role for each in bindings([a_rule("bob", RoleName.RESEARCHER)])]
    assert sets == ["labpass-data", "labpass-interact", "labpass-submit", "labpass-view"]


def test_a_disabled_person_holds_nothing() -> None:
    assert bindings([a_rule("bob")], barred=frozenset({Handle("bob")})) == []


def test_a_rule_that_has_ended_gives_nothing_at_its_very_end() -> None:
    assert bindings([replace(a_rule("bob"), ends_at=NOW)]) == []


def test_a_project_elsewhere_wants_nothing_here() -> None:
    elsewhere = replace(
        VISION, placements=(Placement(cluster_id=ClusterId("c2"), namespace="labpass-vision"),)
    )
    held = objects.grants(CLUSTER, [elsewhere], [a_rule("bob")], now=NOW)
    assert objects.wanted(CLUSTER, [elsewhere], held) == objects.Wanted(namespaces=(), bindings=())


def test_many_subjects_are_spread_over_shards_and_one_who_leaves_moves_nobody() -> None:
    crowd = [a_rule(f"p{number}") for number in range(2 * objects.SHARD - 10)]
    shards = bindings(crowd)
    assert len({each.name for each in shards}) == len(shards) == 2
    assert sum(len(each.subjects) for each in shards) == len(crowd)
    fewer = {each.name: set(each.subjects) for each in bindings(crowd[1:])}
    changed = [each for each in shards if set(each.subjects) != fewer[each.name]]
    assert len(changed) == 1
