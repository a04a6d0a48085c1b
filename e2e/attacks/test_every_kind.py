"""The table of kinds against the API server's own: nothing that makes pods is forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from labpass.cluster import kinds
from labpass.kube.client import Client

pytestmark = pytest.mark.testbed

POD_SPEC = "io.k8s.api.core.v1.PodSpec"
GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"


def test_every_resource_with_a_pod_spec_in_it_is_in_the_table(admin: Client) -> None:
    found = {each for path in documents(admin) for each in creatable(admin.get(path))}
    table = {(maker.group, maker.resource) for maker in kinds.POD_MAKERS}
    assert found == table


def documents(admin: Client) -> list[str]:
    listed = admin.get("/openapi/v3")["paths"]
    return [f"/openapi/v3/{path}" for path in listed if path.startswith(("api/", "apis/"))]


def creatable(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the resources that can be created with a PodSpec anywhere in the body."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        post = methods.get("post", {})
        resource = path.rsplit("/", 1)[-1]
        has_pods = POD_SPEC in reachable(post.get("requestBody"), schemas)
        if GROUP_VERSION_KIND in post and has_pods:
            yield post[GROUP_VERSION_KIND]["group"], resource


def reachable(start: object, schemas: Mapping[str, Any]) -> set[str]:
    """Collect the names of every schema that a body refers to, through others too."""
    seen: set[str] = set()
    todo = list(references(start))
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += references(schemas[name])
    return seen


def references(part: object) -> Iterator[str]:
    match part:
        case {"$ref": str(reference)}:
            yield reference.rsplit("/", 1)[-1]
        case dict():
            for each in part.values():
                yield from references(each)
        case list():
            for each in part:
                yield from references(each)
        case _:
            return
