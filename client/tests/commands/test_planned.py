from typing import Any

import pytest

from labpass.api.rules import Meaning, Plan, Step
from labpass.commands import planned

BINDING = Step(
    cluster="lab-a", action="create", kind="RoleBinding", namespace="labpass-vision", name="b"
)


def meaning(**more: Any) -> Meaning:
    return Meaning(
        **{
            "person": "alice",
            "project": "vision",
            "cluster": "lab-a",
            "namespace": "labpass-vision",
            "role_before": None,
            "role_after": None,
            "gains": (),
            "loses": (),
            "gains_in_labpass": (),
            "loses_in_labpass": (),
            **more,
        }
    )


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (
            {"role_after": "researcher", "gains": ("view", "submit", "interact", "data")},
            "alice gains researcher in vision on lab-a: view, submit, interact, data",
        ),
        (
            {"role_before": "viewer", "loses": ("view",)},
            "alice loses viewer in vision on lab-a: view",
        ),
        (
            {"role_before": "researcher", "role_after": "viewer", "loses": ("submit", "data")},
            "alice becomes viewer instead of researcher in vision on lab-a: loses submit, data",
        ),
        (
            {
                "role_before": "researcher",
                "role_after": "project-administrator",
                "gains_in_labpass": ("rule.write",),
            },
            (
                "alice becomes project-administrator instead of researcher in vision on lab-a:"
                " gains rule.write"
            ),
        ),
        (
            {"role_after": "viewer", "cluster": None, "gains_in_labpass": ("project.read",)},
            "alice gains viewer in vision: project.read",
        ),
        (
            {"role_after": "viewer", "project": None, "cluster": None},
            "alice gains viewer in the organisation",
        ),
        (
            {"role_before": "viewer", "role_after": "viewer", "gains": ("data",)},
            "alice stays viewer in vision on lab-a: gains data",
        ),
    ],
)
def test_what_changes_for_a_person_is_said_in_words(more: dict[str, Any], line: str) -> None:
    plan = Plan(people=(meaning(**more),), gains=(), loses=(), objects=(BINDING,))
    assert planned.lines(plan) == [line, "  create RoleBinding lab-a/labpass-vision/b"]


def test_a_change_that_changes_nothing_says_so() -> None:
    plan = Plan(people=(), gains=(), loses=(), objects=())
    assert planned.lines(plan) == ["Nobody gains or loses anything by it."]


def test_a_long_plan_is_cut_and_says_where_the_rest_is() -> None:
    many = tuple(meaning(project=f"p{number}", role_after="viewer") for number in range(25))
    shown = planned.lines(Plan(people=many, gains=(), loses=(), objects=()))
    assert len(shown) == planned.MOST + 1
    assert "and 5 more" in shown[-1]


def test_a_server_that_writes_to_the_terminal_is_not_believed() -> None:
    hostile = meaning(person="alice\x1b[2J", role_after="viewer")
    (line,) = planned.lines(Plan(people=(hostile,), gains=(), loses=(), objects=()))
    assert "\x1b" not in line
