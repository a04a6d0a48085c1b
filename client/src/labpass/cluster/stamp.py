"""Stamp: the API server writes the caller's handle over whatever was sent. Kubernetes 1.36 and on.

On CREATE by a person the label becomes the caller's; on an UPDATE that lost the label (PUT of a
file) it becomes the old one again. Nobody owns the label in managedFields.
"""

from typing import Final

from labpass.cluster import cel, kinds, names
from labpass.cluster.installation import Installation
from labpass.cluster.kinds import Shape
from labpass.cluster.manifest import Manifest
from labpass.cluster.policy import WRITES, Match, bindings, made, named

NAME: Final = f"{names.PREFIX}stamp-submitter"
FROM: Final = (1, 36)
"""The first Kubernetes with MutatingAdmissionPolicy in v1."""

STAMPABLE: Final = (Shape.POD, Shape.TEMPLATE, Shape.SPEC_TEMPLATE, Shape.JOB_TEMPLATE)


def rendered(installation: Installation) -> tuple[Manifest, ...]:
    """Return the policy and its bindings."""
    makers = tuple(maker for maker in kinds.POD_MAKERS if maker.shape in STAMPABLE)
    matches = [
        Match(group=group, resources=resources, operations=WRITES).rendered()
        for group, resources in kinds.by_group(makers, subresources=False)
    ]
    policy = made(
        "MutatingAdmissionPolicy",
        NAME,
        {
            "failurePolicy": "Fail",
            "reinvocationPolicy": "IfNeeded",
            "matchConstraints": {"resourceRules": matches},
            "matchConditions": named((("by-a-person-or-label-lost", _condition(installation)),)),
            "variables": named((("labels", _labels(installation)),)),
            "mutations": [
                {
                    "patchType": "ApplyConfiguration",
                    "applyConfiguration": {"expression": _MUTATION},
                }
            ],
        },
    )
    return policy, *bindings("MutatingAdmissionPolicyBinding", NAME, in_projects=True)


def _condition(installation: Installation) -> str:
    key = cel.text(names.SUBMITTED_BY)
    return (
        f"request.operation == 'CREATE' ? {cel.is_person(installation)} :\n"
        f"oldObject.?metadata.labels[?{key}].hasValue()"
        f" && !object.?metadata.labels[?{key}].hasValue()"
    )


def _labels(installation: Installation) -> str:
    key = cel.text(names.SUBMITTED_BY)
    return (
        f"{{{key}: request.operation == 'CREATE' ? {cel.handle(installation)}"
        f" : oldObject.metadata.labels[{key}]}}"
    )


def _labelled(path: str, inner: str = "") -> str:
    """Write an object literal at ``path`` with the label, and ``inner`` fields beside it."""
    fields = f"metadata: {path}.metadata{{labels: variables.labels}}"
    return f"{path}{{{fields}{', ' + inner if inner else ''}}}"


def _mutation() -> str:
    pod_of_job = _labelled("Object.spec.jobTemplate.spec.template")
    inner = f"spec: Object.spec.jobTemplate.spec{{template: {pod_of_job}}}"
    job = _labelled("Object.spec.jobTemplate", inner)
    top = _labelled("Object", "template: " + _labelled("Object.template"))
    spec = f"spec: Object.spec{{template: {_labelled('Object.spec.template')}}}"
    cron = f"spec: Object.spec{{jobTemplate: {job}}}"
    return (
        f"has(object.template) ? {top} :\n"
        f"has(object.spec.template) ? {_labelled('Object', spec)} :\n"
        f"has(object.spec.jobTemplate) ? {_labelled('Object', cron)} :\n"
        f"{_labelled('Object')}"
    )


_MUTATION: Final = _mutation()
