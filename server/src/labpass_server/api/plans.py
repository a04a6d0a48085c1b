"""Plans as this door shows them: who gains and loses what, and by which objects."""

from collections.abc import Iterable
from typing import assert_never

from labpass_server.access.previews import Preview
from labpass_server.api.fields import Answer
from labpass_server.model import meaning, objects
from labpass_server.model import plan as model


class Grant(Answer):
    """One person holds one permission set in one project on one cluster."""

    person: str
    project: str
    cluster: str
    namespace: str
    permission_set: str


class Step(Answer):
    """What happens to one object."""

    cluster: str
    action: str
    kind: str
    namespace: str
    name: str


class Meaning(Answer):
    """What changes for one person in one place; roles are the strongest held there.

    Without a ``project`` it is about the organisation, without a ``cluster`` about Labpass alone.
    ``gains`` and ``loses`` are permission sets, the other two rights over Labpass's own entities.
    """

    person: str
    project: str | None
    cluster: str | None
    namespace: str | None
    role_before: str | None
    role_after: str | None
    gains: list[str]
    loses: list[str]
    gains_in_labpass: list[str]
    loses_in_labpass: list[str]


class Plan(Answer):
    """What a change would do: to people, in detail, and to objects."""

    people: list[Meaning]
    gains: list[Grant]
    loses: list[Grant]
    objects: list[Step]


def plan(preview: Preview) -> Plan:
    """Show a preview."""
    return Plan(
        people=[_meaning(each) for each in preview.meaning],
        gains=_grants(preview.change.gains),
        loses=_grants(preview.change.loses),
        objects=[
            _step(each.cluster, step)
            for each in preview.clusters
            for step in (*each.plan.revokes, *each.plan.namespaces, *each.plan.grants)
        ],
    )


def _meaning(found: meaning.Meaning) -> Meaning:
    return Meaning(
        person=found.person,
        project=found.project,
        cluster=found.cluster,
        namespace=found.namespace,
        role_before=found.role_before,
        role_after=found.role_after,
        gains=list(found.gains),
        loses=list(found.loses),
        gains_in_labpass=list(found.gains_in_labpass),
        loses_in_labpass=list(found.loses_in_labpass),
    )


def _grants(grants: Iterable[objects.Grant]) -> list[Grant]:
    return [
        Grant(
            person=each.person,
            project=each.project,
            cluster=each.cluster,
            namespace=each.namespace,
            permission_set=each.permission_set,
        )
        for each in grants
    ]


def _step(cluster: str, step: model.Step) -> Step:
    match step:
        case model.Create(item=item):
            return _item(cluster, "create", item)
        case model.Apply(item=item):
            return _item(cluster, "change", item)
        case model.Delete(namespace=namespace, name=name):
            return Step(
                cluster=cluster,
                action="delete",
                kind="RoleBinding",
                namespace=namespace,
                name=name,
            )
        case model.SwitchOffTokenMount(namespace=namespace):
            return Step(
                cluster=cluster,
                action="change",
                kind="ServiceAccount",
                namespace=namespace,
                name="default",
            )
        case other:
            assert_never(other)


def _item(cluster: str, action: str, item: objects.Namespace | objects.RoleBinding) -> Step:
    if isinstance(item, objects.Namespace):
        kind, namespace = "Namespace", item.name
    else:
        kind, namespace = "RoleBinding", item.namespace
    return Step(cluster=cluster, action=action, kind=kind, namespace=namespace, name=item.name)
