"""Whoever submits, the name on the work is theirs, and it stays."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import names, prove
from labpass.kube.client import APPLY, JSON_PATCH, MERGE, Client

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused, World

pytestmark = pytest.mark.testbed

KEY = names.SUBMITTED_BY
POINTER = "/metadata/labels/" + KEY.replace("/", "~1")
KINDS = (
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "CronJob",
    "Job",
)
Labels = Callable[[Any], list[str]]


@pytest.mark.parametrize("kind", ["Pod", "Job"])
@pytest.mark.parametrize(
    ("top", "inner"), [("", ""), ("bob", ""), ("", "bob"), ("bob", "bob"), ("alice", "bob")]
)
def test_a_researcher_is_the_submitter_whatever_was_sent(
    alice: Client, build: "Build", labels_of: Labels, kind: str, top: str, inner: str
) -> None:
    stored = alice.create(build(kind, top=top, inner=inner))
    assert set(labels_of(stored)) == {"alice"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("top", "inner"), [("", ""), ("bob", ""), ("", "bob"), ("bob", "bob")])
def test_no_other_kind_is_a_way_to_another_name(
    carol: Client, build: "Build", labels_of: Labels, kind: str, top: str, inner: str
) -> None:
    stored = carol.create(build(kind, top=top, inner=inner), dry_run=True)
    assert set(labels_of(stored)) == {"carol"}


def test_generate_name_is_no_way_to_another_name(
    alice: Client, build: "Build", labels_of: Labels
) -> None:
    job = build("Job", top="bob", inner="bob")
    job["metadata"]["generateName"] = f"{job['metadata'].pop('name')}-"
    stored = alice.create(job)
    assert set(labels_of(stored)) == {"alice"}


def test_server_side_apply_is_no_way_to_another_name_on_create(
    alice: Client, build: "Build", labels_of: Labels
) -> None:
    assert set(labels_of(alice.apply(build("Job", top="bob", inner="bob")))) == {"alice"}


def test_an_owner_reference_to_anothers_job_is_no_way_to_their_name(
    alice: Client, bob: Client, build: "Build", labels_of: Labels
) -> None:
    theirs = bob.create(build("Job"))
    pod = build("Pod", top="bob")
    owner = {"apiVersion": "batch/v1", "kind": "Job", "controller": True}
    owner |= {key: theirs["metadata"][key] for key in ("name", "uid")}
    pod["metadata"]["ownerReferences"] = [owner]
    assert labels_of(alice.create(pod)) == ["alice"]


@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
@pytest.mark.parametrize("way", ["merge", "json", "apply", "put"])
def test_nobody_changes_the_name_later(
    request: pytest.FixtureRequest,
    alice: Client,
    build: "Build",
    refused: "Refused",
    who: str,
    way: str,
) -> None:
    somebody: Client = request.getfixturevalue(who)
    job = build("Job")
    stored = alice.create(job)
    path = alice.path_of(job)
    if who != "bob":  # the control: another label may change
        change(somebody, way, path, job, {"other": "label"})
    with refused(prove.NAME):
        change(somebody, way, path, stored, {KEY: "bob"})


def change(client: Client, way: str, path: str, job: Any, labels: dict[str, str]) -> None:
    """Write labels in one of the ways that there are."""
    ((key, value),) = labels.items()
    meta = {"name": job["metadata"]["name"], "namespace": job["metadata"]["namespace"]}
    match way:
        case "merge":
            client.patch(path, {"metadata": {"labels": labels}}, content_type=MERGE)
        case "json":
            where = "/metadata/labels/" + key.replace("/", "~1")
            operation = {"op": "add", "path": where, "value": value}
            client.patch(path, [operation], content_type=JSON_PATCH)
        case "apply":
            body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {**meta, "labels": labels}}
            params = {"fieldManager": "kubectl", "force": "true"}
            client.request("PATCH", path, body=body, params=params, content_type=APPLY)
        case _:
            fresh = client.get(path)
            metadata = {**fresh["metadata"], "labels": {**fresh["metadata"]["labels"], **labels}}
            del metadata["resourceVersion"]  # whatever a controller wrote in between
            client.request("PUT", path, body={**fresh, "metadata": metadata})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"Pod", "Job"}])
def test_the_name_in_a_template_is_not_changed_either(
    carol: Client, build: "Build", refused: "Refused", kind: str
) -> None:
    stored = build(kind)
    carol.create(stored)
    path = carol.path_of(stored)
    carol.patch(path, nested(kind, {"other": "label"}), dry_run=True)  # the control
    with refused(prove.NAME):
        carol.patch(path, nested(kind, {KEY: "dave"}))


def nested(kind: str, labels: dict[str, str]) -> Any:
    template = {"metadata": {"labels": labels}}
    match kind:
        case "PodTemplate":
            return {"template": template}
        case "CronJob":
            return {"spec": {"jobTemplate": {"spec": {"template": template}}}}
        case _:
            return {"spec": {"template": template}}


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_name_that_is_taken_off_is_put_back(
    request: pytest.FixtureRequest, alice: Client, build: "Build", labels_of: Labels, who: str
) -> None:
    job = build("Job")
    alice.create(job)
    somebody: Client = request.getfixturevalue(who)
    body = [{"op": "remove", "path": POINTER}]
    stored = somebody.patch(alice.path_of(job), body, content_type=JSON_PATCH)
    assert set(labels_of(stored)) == {"alice"}


@pytest.mark.parametrize("kind", ["Job", "Pod", "Deployment"])
def test_status_is_no_side_door(
    carol: Client, admin: Client, build: "Build", refused: "Refused", kind: str
) -> None:
    stored = build(kind)
    carol.create(stored)
    path = f"{carol.path_of(stored)}/status"
    harmless: Any = {"metadata": {"labels": {"other": "label"}}}
    admin.patch(path, harmless, dry_run=True)  # the control: who keeps the cluster may
    with refused(prove.NAME):
        carol.patch(path, {"metadata": {"labels": {KEY: "dave"}}})
    with refused(prove.NAME):
        carol.patch(path, harmless)  # nor is a status a person's to write


@pytest.mark.parametrize("way", ["pods/binding", "bindings"])
def test_a_binding_carries_no_name_onto_a_pod(
    carol: Client, admin: Client, build: "Build", refused: "Refused", way: str
) -> None:
    pod = build("Pod", schedulerName="nobody")
    carol.create(pod)
    name = pod["metadata"]["name"]
    path = carol.path_of(pod) + "/binding"
    if way == "bindings":
        path = carol.path_of(pod).rsplit("/", 2)[0] + "/bindings"
    for somebody, labels in ((carol, {}), (carol, {KEY: "dave"}), (admin, {KEY: "dave"})):
        with refused(prove.NAME):
            somebody.request("POST", path, body=bound(name, labels))
    admin.request("POST", path, body=bound(name, {}))  # the control: the scheduler's way


def bound(name: str, labels: dict[str, str]) -> Any:
    return {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": name, "labels": labels},
        "target": {"kind": "Node", "name": "nowhere"},
    }


def test_an_administrator_gives_nobody_a_job_they_did_not_submit(
    admin: Client, build: "Build", refused: "Refused", labels_of: Labels
) -> None:
    assert set(labels_of(admin.create(build("Job"), dry_run=True))) == {""}
    with refused(prove.NAME):
        admin.create(build("Job", top="alice", inner="alice"))


def test_who_has_no_handle_submits_nothing(
    world: "World", build: "Build", refused: "Refused"
) -> None:
    nobody = world.person("labpass:", "system:masters")
    with refused(prove.NAME):
        nobody.create(build("Job"))
