"""What is there once steps have been carried out: no need to look again after each change."""

from collections.abc import Iterable
from dataclasses import replace

from labpass_server.model import found, plan
from labpass_server.model.found import Found
from labpass_server.model.objects import Namespace, RoleBinding


def after(before: Found, steps: Iterable[plan.Step]) -> Found:
    """Return what is there when these steps have succeeded, in their order."""
    namespaces = {each.name: each for each in before.namespaces}
    bindings = {(each.namespace, each.name): each for each in before.bindings}
    for step in steps:
        match step:
            case plan.Delete(namespace=namespace, name=name):
                bindings.pop((namespace, name), None)
            case plan.SwitchOffTokenMount(namespace=namespace):
                old = namespaces[namespace]
                namespaces[namespace] = replace(old, token_mount_is_off=True)
            case plan.Create(item=Namespace() as made):
                # Its default account comes a moment later.
                namespaces[made.name] = found.of_namespace(made, token_mount_is_off=None)
            case plan.Apply(item=Namespace() as kept):
                mount = namespaces[kept.name].token_mount_is_off
                namespaces[kept.name] = found.of_namespace(kept, token_mount_is_off=mount)
            case plan.Create(item=item) | plan.Apply(item=item):
                assert isinstance(item, RoleBinding)
                bindings[item.namespace, item.name] = found.of_binding(item)
    return Found(namespaces=tuple(namespaces.values()), bindings=tuple(bindings.values()))
