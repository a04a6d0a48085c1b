import dataclasses

import pytest

from labpass import problems
from labpass.kube import answers
from labpass.workloads import refusal
from labpass.workloads.place import Place
from labpass.workloads.refusal import Cause

RULE = (
    'jobs.batch is forbidden: User "labpass:bob" cannot create resource "jobs" in API group '
    '"batch" in the namespace "labpass-speech"'
)
QUOTA = (
    'pods "x" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, '
    "used: requests.nvidia.com/gpu=8, limited: requests.nvidia.com/gpu=8"
)
POD_SECURITY = 'pods "x" is forbidden: violates PodSecurity "baseline:latest": privileged'
POLICY = (
    "jobs.batch \"x\" is forbidden: ValidatingAdmissionPolicy 'labpass-prove' with binding "
    "'labpass-prove' denied request: never changes"
)
SPEECH = Place(
    project="speech",
    cluster="lab-a",
    namespace="labpass-speech",
    role="",
    server="https://lab-a:6443",
    ca_pem=None,
    audience="x",
)
VISION = dataclasses.replace(SPEECH, project="vision", role="researcher")
VIEWER = dataclasses.replace(SPEECH, role="viewer")


def _refused(words: str) -> problems.Forbidden:
    refused = problems.Forbidden(words)
    refused.__cause__ = answers.ApiError(403, "Forbidden", words, {})
    return refused


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (RULE, Cause.RULE),
        (QUOTA, Cause.QUOTA),
        (POD_SECURITY, Cause.POD_SECURITY),
        (POLICY, Cause.POLICY),
        ("no", Cause.OTHER),
    ],
)
def test_what_refused_is_told_by_the_form_of_the_words(words: str, cause: Cause) -> None:
    assert refusal.cause_of(words) is cause


@pytest.mark.parametrize("words", [RULE, QUOTA, POD_SECURITY, POLICY, "no"])
def test_the_api_servers_words_are_quoted_whole(words: str) -> None:
    told = refusal.explain(_refused(words), SPEECH, [])
    assert told.message == f"Refused by the API server of lab-a:\n  {words}"


def test_a_missing_rule_says_what_is_missing_what_is_there_and_who_can_grant() -> None:
    told = refusal.explain(_refused(RULE), SPEECH, [VISION, VIEWER], grantors="dana")
    assert "researcher in project speech" in told.hint
    assert "viewer in speech" in told.hint
    assert "Can grant it:  dana" in told.hint
    assert "Yours are:     vision" in told.hint


def test_nothing_is_said_of_grantors_that_the_person_may_not_know() -> None:
    told = refusal.explain(_refused(RULE), SPEECH, [])
    assert "an administrator of the project" in told.hint
    assert "no rule in speech" in told.hint


def test_words_of_the_authority_are_left_as_they_are() -> None:
    refused = problems.Forbidden("no access to cluster lab-a", hint="ask dana")
    assert refusal.explain(refused, SPEECH, []) is refused
