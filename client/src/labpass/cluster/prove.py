"""Prove: the submitter's name is the caller's, never changes, and owns what runs. From 1.30.

Anybody whom RBAC lets may suspend a Job or CronJob (false to true, nothing else in the request);
nobody of Labpass's people but its submitter resumes it or changes anything else that it runs.
Below 1.36 nothing writes the label for a person, so a request without it is refused.
"""

from typing import Final

from labpass.cluster import cel, kinds, names
from labpass.cluster.installation import Installation
from labpass.cluster.policy import Check, Match, Policy

NAME: Final = f"{names.PREFIX}prove-submitter"

_SUSPENDS: Final = """\
request.resource.resource in ['jobs', 'cronjobs'] && request.operation == 'UPDATE' &&
object.spec.?suspend.orValue(false) && !oldObject.spec.?suspend.orValue(false) &&
object.spec.all(k, k == 'suspend' ||
  (k in oldObject.spec && oldObject.spec[k] == object.spec[k])) &&
oldObject.spec.all(k, k == 'suspend' || k in object.spec)"""

_BELONGS: Final = """\
object.metadata.?labels == oldObject.metadata.?labels &&
object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences &&
object.metadata.?finalizers == oldObject.metadata.?finalizers"""
"""What ties a pod to its Job: taken off, the pod runs on, and another is made in the same name."""

_OWN_WORK: Final = """\
request.operation != 'UPDATE' || !variables.person || variables.found[1][0] == variables.name ||
(variables.belongs && (variables.suspends ||
  (object.?spec == oldObject.?spec && object.?template == oldObject.?template)))"""

_JOB_OF_A_POD: Final = """\
!variables.person || request.kind.kind != 'Pod' ||
['batch.kubernetes.io/controller-uid', 'controller-uid'].all(k,
  object.metadata.?labels[?k] ==
  (oldObject == null ? optional.none() : oldObject.metadata.?labels[?k]))"""
"""A pod that says it is of a Job is counted for that Job, so nobody may say so by hand."""


def policy(installation: Installation) -> Policy:
    """Return the policy. Children of controllers pass: their labels come from checked templates."""
    person = cel.is_person(installation)
    return Policy(
        name=NAME,
        matches=_matches(),
        conditions=(
            (
                "not-a-controllers-child",
                f"request.operation != 'CREATE' || !({cel.is_controller()})",
            ),
        ),
        variables=(
            ("person", person),
            ("name", f"variables.person ? {cel.handle(installation)} : ''"),
            ("binding", "request.kind.kind == 'Binding'"),
            ("wanted", "variables.binding ? '' : variables.name"),
            ("found", _found()),
            ("suspends", _SUSPENDS),
            ("belongs", _BELONGS),
        ),
        checks=_checks(),
        in_projects=True,
    )


def _matches() -> tuple[Match, ...]:
    """Return every pod maker with the subresources that can write labels: /status and binding do.

    ``bindings`` is the older way to bind a pod; its labels are copied onto the pod.
    """
    return (
        *(
            Match(group=group, resources=resources)
            for group, resources in kinds.by_group(kinds.POD_MAKERS, subresources=True)
        ),
        Match(group="", resources=("bindings",)),
    )


def _found() -> str:
    """Give the names in the object and its templates, and on UPDATE the same of the old object."""
    key = cel.text(names.SUBMITTED_BY)
    parts = "".join(
        f"\n + ({kinds.guard(shape, 'o')} ? {_bearers(shape)} : [])"
        for shape in kinds.shapes(kinds.POD_MAKERS)
        if shape is not kinds.Shape.POD
    )
    return (
        f"([object] + (oldObject == null ? [] : [oldObject])).map(o, ([o]{parts})\n"
        "  .map(t, has(t.metadata) && has(t.metadata.labels)"
        f" && {key} in t.metadata.labels ? t.metadata.labels[{key}] : ''))"
    )


def _bearers(shape: kinds.Shape) -> str:
    jobs = kinds.jobs_between(shape, "o")
    templates = kinds.templates(shape, "o")
    return templates if jobs == "[]" else f"{jobs} + {templates}"


def _checks() -> tuple[Check, ...]:
    key = names.SUBMITTED_BY
    quote = "'\", \"'"
    return (
        Check(
            holds="!variables.person || request.?subResource.orValue('') != 'status'",
            words="what runs is told by the cluster, not by people: status is not yours to write",
        ),
        Check(
            holds="!variables.person || variables.name != ''",
            words="who has no handle submits nothing",
        ),
        Check(
            holds="!variables.person || !variables.binding",
            words="the scheduler chooses the node",
        ),
        Check(
            holds="request.operation != 'CREATE' ||\n"
            "variables.found[0].all(n, n == variables.wanted)",
            words=f"'{key} must be \"' + variables.wanted + '\" here and in every template,"
            f" found \"' + variables.found[0].join({quote}) + '\"'"
            " + (variables.person ? '; labpass submit writes it' : '')",
            words_are_cel=True,
        ),
        Check(
            holds="request.operation != 'UPDATE' || variables.found[0] == variables.found[1]",
            words=f"'{key} never changes: was \"' + variables.found[1].join({quote})"
            f" + '\", would be \"' + variables.found[0].join({quote}) + '\"'",
            words_are_cel=True,
        ),
        Check(
            holds=_OWN_WORK,
            words="'only ' + (variables.found[1][0] == '' ? 'an administrator' :"
            " variables.found[1][0]) + ' may change what this ' + request.kind.kind +"
            " ' runs; delete it and submit your own'",
            words_are_cel=True,
        ),
        Check(
            holds=_JOB_OF_A_POD, words="which Job a pod is of is written by the Job's controller"
        ),
    )
