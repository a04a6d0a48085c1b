"""Plans as this door shows them: who gains and loses what, and by which objects."""

from collections.abc import Iterable
from typing import assert_never

from labpass_server.access.previews import Preview
from labpass_server.api.fields import Answer
from labpass_server.model import objects
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


class Plan(Answer):
    """What a change would do."""

    gains: list[Grant]
    loses: list[Grant]
    objects: list[Step]


def plan(preview: Preview) -> Plan:
    """Show a preview."""
    return Plan(
        gains=_grants(preview.change.gains),
        loses=_grants(preview.change.loses),
        objects=[
            _step(each.cluster, step)
            for each in preview.clusters
            for step in (*each.plan.revokes, *each.plan.namespaces, *each.plan.grants)
        ],
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
