import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from labpass.cluster import names, permission_sets
from labpass_server.access.caller import Caller
from labpass_server.kit import clock
from labpass_server.model.cluster import token_purpose
from labpass_server.model.handle import Handle

pytestmark = pytest.mark.testbed
WOKEN = 10.0  # seconds: the change woke the worker, it did not wait for its look every 30 s
ROOT = Caller(handle=Handle("root"))


def place(project: str) -> str:
    return f"{names.PREFIX}{project}"


@pytest.fixture
def project(replica: Any, court: Any) -> str:
    """A project that stands, and that alice may use."""
    name: str = replica.project("lab")
    replica.grant("alice", name)
    court.until(lambda: len(court.bindings(place(name))) == len(permission_sets.SETS))
    court.until(lambda: court.allows("alice", place(name)))
    return name


def test_a_rule_reaches_the_api_server_without_waiting_for_a_look(
    replica: Any, court: Any, project: str
) -> None:
    for _ in range(5):
        given = replica.grant("bob", project)
        granted = court.until(lambda: court.allows("bob", place(project)))
        replica.withdraw(given)
        withdrawn = court.until(lambda: not court.allows("bob", place(project)))
        assert max(granted, withdrawn) < WOKEN


def test_a_viewer_may_look_and_not_create(replica: Any, court: Any, project: str) -> None:
    replica.grant("carol", project, "viewer")
    court.until(lambda: court.allows("carol", place(project), "list"))
    assert not court.allows("carol", place(project), "create")


def test_a_rule_in_one_project_opens_no_other(replica: Any, court: Any, project: str) -> None:
    other = replica.project("lab")
    court.until(lambda: court.allows("root", place(other)))
    assert not court.allows("alice", place(other))
    assert not court.allows("alice", "default")
    assert not court.allows("alice", "kube-system")


def test_a_namespace_carries_our_labels_and_mounts_no_token(court: Any, project: str) -> None:
    labels = court.namespace(place(project))["metadata"]["labels"]
    assert labels[names.INSTALLATION] == "reconciled"
    assert labels[names.PROJECT] == project
    assert labels[names.POD_SECURITY_ENFORCE] == "baseline"
    path = f"/api/v1/namespaces/{place(project)}/serviceaccounts/default"

    def is_off() -> bool:
        found = court.client.raw("GET", path)
        return found.json().get("automountServiceAccountToken") is False

    court.until(is_off)


def test_a_pass_with_nothing_to_do_writes_nothing(replica: Any, court: Any, project: str) -> None:
    court.until(lambda: not replica.problems("lab"))

    def versions() -> dict[str, str]:
        found = court.bindings(place(project)) | {"": court.namespace(place(project))}
        return {name: each["metadata"]["resourceVersion"] for name, each in found.items()}

    def last() -> Any:
        return replica.store.write_now(
            lambda tx: tx.clusters.last_pass(tx.clusters.find("lab").id).revision
        )

    before = versions()
    revision = replica.call(replica.store.write(lambda tx: tx.revisions.bump()))
    replica.wake()
    court.until(lambda: last() >= revision)
    assert versions() == before


def test_a_rule_ends_by_itself(replica: Any, court: Any, project: str) -> None:
    ends = clock.now() + timedelta(seconds=1.5)
    replica.grant("bob", project, ends_at=ends)
    court.until(lambda: court.allows("bob", place(project)))
    court.until(lambda: not court.allows("bob", place(project)))
    late = (clock.now() - ends).total_seconds()
    assert 0 <= late < WOKEN


def test_a_disabled_person_loses_every_binding(replica: Any, court: Any, project: str) -> None:
    replica.grant("carol", project)
    court.until(lambda: court.allows("carol", place(project)))

    def switch(*, is_disabled: bool) -> None:
        def work(tx: Any) -> None:
            tx.revisions.bump()
            tx.people.set_disabled("id-carol", is_disabled=is_disabled)

        replica.store.write_now(work)
        replica.wake()

    switch(is_disabled=True)
    assert court.until(lambda: not court.allows("carol", place(project))) < WOKEN
    switch(is_disabled=False)
    court.until(lambda: court.allows("carol", place(project)))


def test_a_foreign_edit_to_our_binding_is_taken_back(
    replica: Any, court: Any, project: str
) -> None:
    name = names.role_binding(place(project), "submit")
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{place(project)}/rolebindings/{name}"
    stranger = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "stranger"}
    court.client.patch(
        path,
        [{"op": "add", "path": "/subjects/-", "value": stranger}],
        content_type="application/json-patch+json",
    )
    replica.wake()
    court.until(lambda: "stranger" not in str(court.bindings(place(project))[name]["subjects"]))
    court.client.delete(path)
    replica.wake()
    court.until(lambda: name in court.bindings(place(project)))


def test_a_foreign_binding_in_our_namespace_stays(replica: Any, court: Any, project: str) -> None:
    foreign = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "theirs", "namespace": place(project)},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "view",
        },
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "somebody"}],
    }
    court.client.create(foreign)
    replica.grant("bob", project, "viewer")
    court.until(lambda: court.allows("bob", place(project), "list"))
    assert "theirs" in court.bindings(place(project))


def test_a_namespace_of_somebody_else_is_not_taken_over(replica: Any, court: Any) -> None:
    court.client.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "taken-before"}}
    )
    name = replica.project("lab", namespace="taken-before")
    try:
        given = replica.grant("alice", name)
        court.until(
            lambda: "namespace taken-before exists and is not ours" in replica.problems("lab")
        )
        shown = replica.call(replica.rules.get(ROOT, given.rule.id, now=clock.now()))
        assert shown.state == "pending"
        assert names.PROJECT not in court.namespace("taken-before")["metadata"]["labels"]
        assert court.bindings("taken-before") == {}
    finally:
        replica.call(replica.projects.remove(ROOT, name, now=clock.now()))


def test_a_project_that_goes_leaves_its_namespace_and_nobody_in_it(
    replica: Any, court: Any, project: str
) -> None:
    replica.call(replica.projects.remove(ROOT, project, now=clock.now()))
    court.until(lambda: not court.allows("alice", place(project)))
    court.until(lambda: court.bindings(place(project)) == {})
    assert court.namespace(place(project))["metadata"]["labels"][names.PROJECT] == project


def test_our_accounts_token_is_renewed_every_day(
    replica: Any, court: Any, project: str, sealer: Any
) -> None:
    def link(tx: Any) -> Any:
        return tx.clusters.connection(tx.clusters.find("lab").id)

    def age(tx: Any) -> None:
        old = link(tx)
        yesterday = old.token_renewed_at - timedelta(hours=25)
        tx.clusters.connect(dataclasses.replace(old, token_renewed_at=yesterday))
        tx.revisions.bump()

    before = replica.store.write_now(link)
    replica.store.write_now(age)
    replica.wake()
    court.until(lambda: replica.store.write_now(link).sealed_token != before.sealed_token)
    after = replica.store.write_now(link)
    purpose = token_purpose(after.cluster_id)
    assert sealer.open(after.sealed_token, purpose=purpose).count(b".") == 2
    assert after.token_expires_at > clock.now() + timedelta(days=29)
    replica.grant("bob", project)
    court.until(lambda: court.allows("bob", place(project)))


def test_a_cluster_that_does_not_answer_delays_no_other(
    replica: Any, court: Any, project: str, sealer: Any
) -> None:
    dead = replica.record("dead")

    def connect(tx: Any) -> None:
        live = tx.clusters.connection(tx.clusters.find("lab").id)
        sealed = sealer.seal(b"x", purpose=token_purpose(dead.id))
        # An address of the documentation's: packets to it go nowhere.
        tx.clusters.connect(
            dataclasses.replace(
                live, cluster_id=dead.id, server="https://192.0.2.1:6443", sealed_token=sealed
            )
        )
        tx.revisions.bump()

    replica.store.write_now(connect)
    replica.wake()
    try:
        given = replica.grant("bob", project)
        assert court.until(lambda: court.allows("bob", place(project))) < WOKEN
        replica.withdraw(given)
        assert court.until(lambda: not court.allows("bob", place(project))) < WOKEN
    finally:
        replica.call(replica.clusters.remove(ROOT, "dead", now=clock.now()))


def test_a_lapsed_credential_is_said_and_the_next_connection_repairs_it(
    replica: Any, court: Any, project: str, connected: Any, sealer: Any
) -> None:
    def spoil(tx: Any) -> None:
        live = tx.clusters.connection(tx.clusters.find("lab").id)
        sealed = sealer.seal(b"lapsed", purpose=token_purpose(live.cluster_id))
        tx.clusters.connect(dataclasses.replace(live, sealed_token=sealed))
        tx.revisions.bump()

    replica.store.write_now(spoil)
    replica.wake()
    court.until(lambda: any("does not accept" in each for each in replica.problems("lab")))
    shown = replica.call(replica.clusters.get(ROOT, "lab", now=clock.now()))
    assert shown.state == "unreachable"
    replica.connect("lab", connected)
    court.until(lambda: not replica.problems("lab"))
