from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labpass_server.model import meaning, project, rule
from labpass_server.model.cluster import ClusterId
from labpass_server.model.handle import Handle
from labpass_server.model.role import RoleName

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ALICE = Handle("alice")
LAB = ClusterId("c1")
SETS = ("view", "submit", "interact", "data")


def a_project(name: str, *places: ClusterId) -> project.Project:
    return project.Project(
        id=project.ProjectId(name),
        name=name,
        is_hidden=False,
        pod_security=project.PodSecurity.BASELINE,
        placements=tuple(
            project.Placement(cluster_id=each, namespace=f"labpass-{name}") for each in places
        ),
        created_at=NOW,
    )


VISION, PAPER = a_project("vision", LAB), a_project("paper")


def a_rule(role: str, where: str | None = "vision", **more: Any) -> rule.Rule:
    scope = rule.Organisation() if where is None else rule.InProject(project.ProjectId(where))
    return rule.Rule(
        id=rule.RuleId(f"{role}-{where}"),
        subject=rule.person(ALICE),
        role=RoleName(role),
        scope=scope,
        ends_at=more.get("ends_at"),
        reason="",
        created_by=Handle("root"),
        created_at=NOW,
        revision=1,
    )


def told(before: list[rule.Rule], after: list[rule.Rule]) -> list[meaning.Meaning]:
    return meaning.of_person(
        ALICE, meaning.Rules(before, after), [PAPER, VISION], {LAB: "lab"}, now=NOW
    )


def test_a_first_rule_gives_every_set_of_its_role_in_their_order() -> None:
    (one,) = told([], [a_rule("researcher")])
    assert (one.project, one.cluster, one.namespace) == ("vision", "lab", "labpass-vision")
    assert (one.role_before, one.role_after) == (None, "researcher")
    assert one.gains == SETS
    assert one.gains_in_labpass == ("project.read",)


def test_taking_it_back_is_its_mirror() -> None:
    (one,) = told([a_rule("researcher")], [])
    assert (one.role_before, one.role_after, one.loses) == ("researcher", None, SETS)
    assert one.gains == ()


def test_a_stronger_role_is_told_by_what_it_adds_even_where_no_set_changes() -> None:
    (one,) = told([a_rule("researcher")], [a_rule("project-administrator")])
    assert (one.gains, one.loses) == ((), ())
    assert "rule.write" in one.gains_in_labpass


def test_a_second_rule_below_the_first_changes_nothing() -> None:
    held = a_rule("researcher")
    assert told([held], [held, a_rule("viewer")]) == []


def test_a_rule_in_the_organisation_is_told_there_and_in_each_project() -> None:
    places = [(one.project, one.cluster) for one in told([], [a_rule("viewer", None)])]
    assert places == [(None, None), ("paper", None), ("vision", "lab")]


@pytest.mark.parametrize("project_name", ["paper"])
def test_a_project_without_a_cluster_gives_rights_in_labpass_alone(project_name: str) -> None:
    (one,) = told([], [a_rule("viewer", project_name)])
    assert (one.cluster, one.gains, one.gains_in_labpass) == (None, (), ("project.read",))


def test_a_rule_that_has_ended_means_nothing() -> None:
    assert told([], [a_rule("viewer", ends_at=NOW - timedelta(days=1))]) == []
