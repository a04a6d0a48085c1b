"""Installing on a real API server: in order, again, over drift, anew, and taken out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from labpass import problems
from labpass.cluster import definition, manifest, names, permission_sets, pods, prove, stamp
from labpass.kube.client import Client
from labpass.rollout import install, probe, survey
from labpass.rollout.survey import State, Wanted

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused, World

pytestmark = pytest.mark.testbed

WANTED = Wanted(installation="attacked-1", username_prefix="labpass:", groups_prefix="labpass:")
PROJECT = "labpass-attacked"
POLICY = f"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{pods.NAME}"
SYSTEM = f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}"


@pytest.fixture
def repaired(world: "World") -> Iterator[None]:
    """Put everything back after a test that breaks it."""
    yield
    world.renew()


def states(world: "World") -> dict[str, State]:
    found = survey.survey(world.admin, WANTED)
    return {change.title: change.state for change in found.changes}


def test_a_second_look_finds_everything_as_it_should_be(world: "World") -> None:
    assert set(states(world).values()) == {State.SAME}
    assert survey.survey(world.admin, WANTED).stale == ()


def test_what_is_handed_on_is_what_the_server_asks_for(world: "World") -> None:
    made = world.connected
    assert made.server == world.admin.endpoint.server
    assert made.ca_pem == world.admin.endpoint.ca_pem
    assert made.kubernetes_version.startswith("v1.")
    assert made.token.reveal() not in repr(made)
    version = survey.survey(world.admin, WANTED).version
    assert made.installed_definition == definition.digest(
        "attacked-1", "labpass:", "labpass:", version
    )
    review = world.account.request(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body={}
    )
    assert review["status"]["userInfo"]["username"] == names.ACCOUNT_USER


def test_a_loosened_policy_is_seen_and_put_back(
    world: "World", alice: Client, build: "Build", refused: "Refused", repaired: None
) -> None:
    never = [{"name": "never", "expression": "false"}]
    world.admin.patch(POLICY, {"spec": {"matchConditions": never}})
    assert states(world)[f"ValidatingAdmissionPolicy {pods.NAME}"] is State.CHANGED
    world.renew()
    assert set(states(world).values()) == {State.SAME}
    with refused(pods.NAME):
        alice.create(build("Pod", nodeName="gpu-0"))


def test_a_widened_role_is_seen_and_put_back(world: "World", repaired: None) -> None:
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/labpass-view"
    rules = list(world.admin.get(path)["rules"])
    more = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    world.admin.patch(path, {"rules": [*rules, more]})
    assert states(world)["ClusterRole labpass-view"] is State.CHANGED
    world.renew()
    assert world.admin.get(path)["rules"] == rules


def _stale(world: "World") -> set[str]:
    return {manifest.title(each) for each in survey.survey(world.admin, WANTED).stale}


def test_what_another_version_left_is_taken_out(world: "World", repaired: None) -> None:
    left: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "labpass-old", "labels": {names.MANAGED_BY: names.MANAGER}},
    }
    before = _stale(world)
    world.admin.apply(left)
    assert _stale(world) - before == {"ClusterRole labpass-old"}
    world.renew()
    with pytest.raises(problems.NotFound):
        world.admin.get(world.admin.path_of(left))


def test_a_name_of_ours_that_is_anothers_is_not_touched(world: "World", repaired: None) -> None:
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/labpass-data"
    world.admin.patch(path, {"metadata": {"labels": {names.MANAGED_BY: "helm"}}})
    with pytest.raises(problems.Conflict, match="ClusterRole labpass-data exists"):
        survey.survey(world.admin, WANTED)
    world.admin.patch(path, {"metadata": {"labels": {names.MANAGED_BY: names.MANAGER}}})


def test_a_cluster_of_another_installation_is_not_touched(world: "World") -> None:
    other = Wanted(installation="other", username_prefix="labpass:", groups_prefix="labpass:")
    with pytest.raises(problems.Conflict, match="installation attacked-1"):
        survey.survey(world.admin, other)
    with pytest.raises(problems.Conflict, match="installation attacked-1"):
        install.remove(world.admin, "other", progress=lambda _: None)
    assert world.admin.get(SYSTEM)["metadata"]["name"] == names.SYSTEM_NAMESPACE


def test_a_fresh_account_ends_every_older_token(
    world: "World", eventually: Callable[..., None]
) -> None:
    stolen = world.account_of(world.connected)
    assert stolen.get(SYSTEM)
    world.renew(fresh_account=True)
    eventually(lambda: stolen.raw("GET", SYSTEM).status_code == 401)
    assert world.account.get(SYSTEM)


def test_a_policy_that_does_not_refuse_is_never_taken_for_active(world: "World") -> None:
    asked = probe.of_administrator("attacked-1")[0]
    harmless = replace(asked, body={"metadata": {"name": "labpass-probe"}, "template": {}})
    with pytest.raises(problems.TimedOut, match=prove.NAME):
        list(probe.wait(world.admin, [harmless], patience=timedelta(milliseconds=200)))


def test_a_refusal_by_rbac_is_never_taken_for_a_policys(world: "World", alice: Client) -> None:
    for asked in (*probe.of_administrator("attacked-1"), *probe.of_account()):
        assert not asked.is_refused(alice)


def test_who_is_no_administrator_installs_nothing(carol: Client, refused: "Refused") -> None:
    with refused("RBAC"):
        survey.survey(carol, WANTED)


def test_removing_leaves_peoples_work_and_says_so(
    world: "World", alice: Client, build: "Build", refused: "Refused"
) -> None:
    job = build("Job")
    alice.create(job)
    told: list[str] = []
    gone = install.remove(world.admin, "attacked-1", progress=told.append)
    try:
        assert any(PROJECT in line for line in gone.stays)
        assert f"Namespace {names.SYSTEM_NAMESPACE}" in gone.went
        assert any(line.startswith(f"RoleBinding {PROJECT}/labpass-submit") for line in gone.went)
        assert told[0] == "deleted ClusterRoleBinding labpass-reconciler"  # our power first
        assert world.admin.get(world.admin.path_of(job))
        assert world.admin.get(f"/api/v1/namespaces/{PROJECT}")["metadata"]["labels"]
        with refused("RBAC"):
            alice.get(alice.path_of(job))
        assert survey.ours(world.admin) == ()
        for line in (prove.NAME, stamp.NAME, permission_sets.VIEW.cluster_role):
            assert any(line in went for went in gone.went)
    finally:
        world.renew()
        world.make_project()
