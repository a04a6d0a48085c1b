"""The proof: only what was seen, and seen to be right, passes."""

from dataclasses import replace
from typing import Any

import pytest

from labpass.trust import proof
from labpass.trust.proof import Expected, Observed, Verdict

EXPECTED = Expected(username="labpass:canary", groups=("labpass:canary",), running_hash="sha256:1")
GOOD = Observed(
    canary_status=201,
    canary_username="labpass:canary",
    canary_groups=("labpass:canary", "system:authenticated"),
    wrong_audience_status=401,
    nonsense_is_allowed=False,
    break_glass_username="kubernetes-admin",
    break_glass_status=201,
    running_hashes=("sha256:1",),
)


def test_everything_seen_and_right_is_proof() -> None:
    assert proof.is_proven(proof.judge(EXPECTED, GOOD))


@pytest.mark.parametrize(
    "seen",
    [
        {"canary_username": "canary"},
        {"canary_username": None, "canary_status": 401},
        {"canary_groups": ("labpass:canary", "system:authenticated", "system:masters")},
        {"canary_groups": ("system:authenticated",)},
        {"wrong_audience_status": 201},
        {"wrong_audience_status": None},
        {"nonsense_is_allowed": True},
        {"nonsense_is_allowed": None},
        {"break_glass_username": None, "break_glass_status": 401},
        {"break_glass_status": None},
        {"running_hashes": ("sha256:1", "sha256:2")},
        {"running_hashes": ()},
    ],
)
def test_one_thing_wrong_or_not_seen_is_no_proof(seen: dict[str, Any]) -> None:
    assert not proof.is_proven(proof.judge(EXPECTED, replace(GOOD, **seen)))


def test_nothing_asked_is_no_proof() -> None:
    lines = proof.judge(EXPECTED, Observed())
    assert {line.verdict for line in lines} == {Verdict.NOT_SEEN}
    assert not proof.is_proven(lines)
    assert not proof.is_proven(())


def test_where_no_metric_tells_the_running_bytes_the_rest_is_proof() -> None:
    lines = proof.judge(replace(EXPECTED, running_hash=None), GOOD)
    assert proof.is_proven(lines)
    assert lines[-1].to_document()["verdict"] == "not seen"


def gone(**changes: object) -> dict[str, Verdict]:
    seen: dict[str, Any] = {
        "canary_status": 401,
        "nonsense_is_allowed": False,
        "break_glass_status": 201,
        "break_glass_username": "kubernetes-admin",
        "running_hashes": ("sha256:a",),
    }
    lines = proof.judge_gone("sha256:a", Observed(**{**seen, **changes}))
    return {line.name: line.verdict for line in lines} | {
        "all": Verdict.PASSED if proof.is_proven(lines) else Verdict.FAILED
    }


def test_after_an_undo_the_canary_must_be_nobody() -> None:
    assert set(gone().values()) == {Verdict.PASSED}
    still = gone(canary_status=201, canary_username="labpass:canary")
    assert still["the canary"] is Verdict.FAILED
    assert still["all"] is Verdict.FAILED


def test_a_canary_whose_tokens_are_over_proves_nothing_and_forbids_nothing() -> None:
    over = gone(canary_status=None)
    assert over["the canary"] is Verdict.NOT_SEEN
    assert over["all"] is Verdict.PASSED


def test_an_undo_that_locked_the_administrator_out_is_not_proven() -> None:
    lost = gone(break_glass_status=401, break_glass_username=None)
    assert lost["all"] is Verdict.FAILED
