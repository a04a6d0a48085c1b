"""Our account's token in a thief's hands: what RBAC and the fence leave of it.

Where RBAC already says no, the same is tried as the account with all of RBAC's power, so that the
fence is seen to stand alone.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import fence, names, pods, stamp
from labpass.kube.client import Client

if TYPE_CHECKING:
    from e2e.attacks.conftest import Refused, World

pytestmark = pytest.mark.testbed

PROJECT = "labpass-attacked"
INSTALLATION = "attacked-1"
RBAC = "rbac.authorization.k8s.io"
NAMESPACES = f"{fence.FENCE}namespaces"
BINDINGS = f"{fence.FENCE}bindings"
ENFORCE = names.POD_SECURITY_ENFORCE
Make = Callable[..., Any]


@pytest.fixture(params=["account", "mighty_account"])
def thief(request: pytest.FixtureRequest) -> Client:
    """The stolen token, and the same account if RBAC stopped nothing."""
    found: Client = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def foreign(world: "World") -> Iterator[str]:
    """A namespace that is nobody's project."""
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "foreign"}}
    world.admin.apply(made)
    yield "foreign"
    world.admin.patch("/api/v1/namespaces/foreign", {"metadata": {"labels": {"was": "tried"}}})


@pytest.fixture
def own(world: "World", namespace: Make) -> str:
    """A project's namespace for these tests to pull at."""
    name = "labpass-pulled"
    world.admin.apply(namespace(name))
    return name


@pytest.mark.parametrize("place", ["kube-system", "default", "foreign", "labpass-system"])
@pytest.mark.parametrize("permission_set", ["view", "data"])
@pytest.mark.usefixtures("foreign")
def test_binds_no_set_outside_projects(
    thief: Client, binding: Make, refused: "Refused", place: str, permission_set: str
) -> None:
    thief.apply(binding(permission_set, "mallory", place=PROJECT), dry_run=True)  # the control
    with refused(BINDINGS):
        thief.apply(binding(permission_set, "mallory", place=place))


@pytest.mark.parametrize("role", ["cluster-admin", "edit", "labpass-reconciler"])
def test_binds_no_other_role(
    account: Client, mighty_account: Client, binding: Make, refused: "Refused", role: str
) -> None:
    made = binding("view", "mallory")
    made["metadata"]["name"] = "labpass-other"
    made["roleRef"]["name"] = role
    with refused("RBAC") if role != "labpass-reconciler" else refused(BINDINGS):
        account.apply(made)
    with refused(BINDINGS):
        mighty_account.apply(made)


@pytest.mark.parametrize(
    "subject",
    [
        {"kind": "User", "name": "mallory"},
        {"kind": "User", "name": "system:admin"},
        {"kind": "Group", "name": "system:authenticated"},
        {"kind": "ServiceAccount", "name": "default", "namespace": "default"},
    ],
    ids=str,
)
def test_binds_nobody_but_our_people(
    thief: Client, binding: Make, refused: "Refused", subject: dict[str, str]
) -> None:
    made = binding("view")
    group = {} if subject["kind"] == "ServiceAccount" else {"apiGroup": RBAC}
    made["subjects"] = [{**group, **subject}]
    with refused(BINDINGS):
        thief.apply(made)


def test_touches_no_foreign_binding(
    thief: Client, admin: Client, binding: Make, refused: "Refused"
) -> None:
    made = binding("view", "alice")
    made["metadata"] = {"name": "of-the-site", "namespace": PROJECT}
    admin.apply(made)
    path = admin.path_of(made)
    with refused(BINDINGS):
        thief.delete(path)
    with refused(BINDINGS):
        thief.patch(path, {"metadata": {"labels": {names.MANAGED_BY: names.MANAGER}}})
    admin.delete(path)


def test_does_not_delete_what_only_looks_like_its_own(thief: Client, refused: "Refused") -> None:
    path = f"/apis/{RBAC}/v1/namespaces/labpass-system/rolebindings/labpass-reconciler"
    with refused(BINDINGS):
        thief.delete(path)


@pytest.mark.parametrize("place", ["kube-system", "default", "foreign"])
@pytest.mark.usefixtures("foreign")
def test_labels_no_namespace_as_ours(
    thief: Client, own: str, namespace: Make, refused: "Refused", place: str
) -> None:
    thief.apply(namespace(own), dry_run=True)  # the control: the same of our own
    with refused(NAMESPACES):
        thief.apply(namespace(place))


def test_the_system_namespaces_stay_closed_even_when_somebody_labelled_them(
    thief: Client, admin: Client, binding: Make, namespace: Make, refused: "Refused"
) -> None:
    admin.apply(namespace("kube-fooled"))
    with refused(BINDINGS):
        thief.apply(binding("data", "mallory", place="kube-fooled"))


@pytest.mark.parametrize(
    "label",
    [
        {ENFORCE: ""},
        {ENFORCE: "privileged"},
        {f"{ENFORCE}-version": "v1.20"},
        {names.INSTALLATION: ""},
        {names.INSTALLATION: "another"},
        {names.PROJECT: ""},
        {names.MANAGED_BY: ""},
        {"resource.kubernetes.io/admin-access": "true"},
    ],
    ids=str,
)
def test_makes_no_namespace_that_is_no_safe_project(
    thief: Client, namespace: Make, refused: "Refused", label: dict[str, str]
) -> None:
    thief.apply(namespace("labpass-new"), dry_run=True)  # the control
    with refused(NAMESPACES):
        thief.apply(namespace("labpass-new", **label))


@pytest.mark.parametrize(
    "patch",
    [
        {"labels": {ENFORCE: "privileged"}},
        {"labels": {ENFORCE: None}},
        {"labels": {f"{ENFORCE}-version": "v1.20"}},
        {"labels": {names.INSTALLATION: "another"}},
        {"labels": {names.INSTALLATION: None}},
        {"labels": {names.PROJECT: "another"}},
        {"labels": {names.PROJECT: None}},
        {"labels": {"resource.kubernetes.io/admin-access": "true"}},
        {"annotations": {names.SERVICE_ACCOUNTS: "builder"}},
        {"annotations": {"scheduler.alpha.kubernetes.io/node-selector": "a=b"}},
        {"finalizers": ["example.org/never"]},
        {
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Node", "name": "gone", "uid": "1-2-3"},
            ]
        },
    ],
    ids=str,
)
def test_changes_nothing_of_a_project_that_is_not_its_own(
    thief: Client, own: str, refused: "Refused", patch: dict[str, Any]
) -> None:
    path = f"/api/v1/namespaces/{own}"
    with refused(NAMESPACES):
        thief.patch(path, {"metadata": patch})


def test_raises_a_level_and_never_lowers_it(
    thief: Client, admin: Client, own: str, refused: "Refused"
) -> None:
    path = f"/api/v1/namespaces/{own}"
    thief.patch(path, {"metadata": {"labels": {ENFORCE: "restricted"}}})
    with refused(NAMESPACES):
        thief.patch(path, {"metadata": {"labels": {ENFORCE: "baseline"}}})
    admin.patch(path, {"metadata": {"labels": {ENFORCE: "baseline"}}})


@pytest.mark.parametrize("sub", ["status", "finalize"])
def test_has_no_way_by_a_subresource_of_a_namespace(
    account: Client, mighty_account: Client, own: str, refused: "Refused", sub: str
) -> None:
    path = f"/api/v1/namespaces/{own}/{sub}"
    found = mighty_account.get(f"/api/v1/namespaces/{own}")
    body = {**found, "metadata": {**found["metadata"], "labels": {}}}
    with refused("RBAC"):
        account.request("PUT", path, body=body)
    with refused(NAMESPACES):
        mighty_account.request("PUT", path, body=body)


def test_deletes_no_namespace(
    account: Client, mighty_account: Client, own: str, refused: "Refused"
) -> None:
    with refused("RBAC"):
        account.delete(f"/api/v1/namespaces/{own}")
    with refused(NAMESPACES):
        mighty_account.delete(f"/api/v1/namespaces/{own}")


def test_takes_access_away_even_where_a_level_was_lost(
    account: Client, admin: Client, own: str, binding: Make, refused: "Refused"
) -> None:
    account.apply(binding("view", "alice", "bob", place=own))
    path = f"/api/v1/namespaces/{own}"
    admin.patch(path, {"metadata": {"labels": {ENFORCE: None}}})
    with refused(BINDINGS):
        account.apply(binding("view", "alice", "bob", "carol", place=own))
    left = account.apply(binding("view", "bob", place=own))
    assert [each["name"] for each in left["subjects"]] == ["labpass:bob"]
    assert account.delete(account.path_of(left))
    account.patch(path, {"metadata": {"labels": {ENFORCE: "baseline"}}})  # and brings it back


@pytest.mark.parametrize("resource", ["resourcequotas", "limitranges"])
def test_sets_no_quota_outside_projects(
    thief: Client, own: str, refused: "Refused", resource: str
) -> None:
    spec: Any = {"hard": {"pods": "0"}}
    if resource == "limitranges":
        spec = {"limits": [{"type": "Container", "default": {"cpu": "1"}}]}
    meta: Any = {"name": "labpass-limits", "labels": {names.MANAGED_BY: names.MANAGER}}
    body: Any = {"metadata": meta, "spec": spec}
    dry = {"dryRun": "All"}
    path = f"/api/v1/namespaces/{own}/{resource}"
    thief.request("POST", path, body=body, params=dry)  # the control
    with refused(f"{fence.FENCE}limits"):
        thief.request("POST", f"/api/v1/namespaces/kube-system/{resource}", body=body)
    with refused(f"{fence.FENCE}limits"):
        unlabelled = {**body, "metadata": {"name": "labpass-limits"}}
        thief.request("POST", path, body=unlabelled)


@pytest.mark.parametrize(
    ("place", "patch"),
    [
        ("kube-system", {"automountServiceAccountToken": False}),
        (PROJECT, {"automountServiceAccountToken": True}),
        (PROJECT, {"imagePullSecrets": [{"name": "x"}]}),
        (PROJECT, {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "arn:x"}}}),
        (PROJECT, {"metadata": {"labels": {"azure.workload.identity/use": "true"}}}),
    ],
    ids=str,
)
def test_changes_no_service_account_but_its_mount(
    thief: Client, refused: "Refused", place: str, patch: dict[str, Any]
) -> None:
    good = {"automountServiceAccountToken": False}
    path = "/api/v1/namespaces/{}/serviceaccounts/default"
    thief.patch(path.format(PROJECT), good, dry_run=True)  # the control
    with refused(f"{fence.FENCE}default-account"):
        thief.patch(path.format(place), patch)


def test_renews_its_own_token_and_no_longer_than_ours_live(
    account: Client, mighty_account: Client, refused: "Refused"
) -> None:
    account.token(names.SYSTEM_NAMESPACE, names.ACCOUNT, seconds=fence.LONGEST_TOKEN)  # the control
    with refused(f"{fence.FENCE}token"):
        account.token(names.SYSTEM_NAMESPACE, names.ACCOUNT, seconds=fence.LONGEST_TOKEN + 1)
    with refused("RBAC"):
        account.token("kube-system", "generic-garbage-collector", seconds=600)
    with refused(f"{fence.FENCE}token"):
        mighty_account.token("kube-system", "default", seconds=600)


@pytest.mark.parametrize(
    "path",
    [
        f"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{pods.NAME}",
        f"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/{pods.NAME}",
        f"/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies/{stamp.NAME}",
        f"/apis/{RBAC}/v1/clusterroles/labpass-view",
        f"/apis/{RBAC}/v1/clusterroles/labpass-reconciler",
        f"/apis/{RBAC}/v1/clusterrolebindings/labpass-reconciler",
        f"/apis/{RBAC}/v1/namespaces/labpass-system/roles/labpass-reconciler",
        "/api/v1/namespaces/labpass-system/serviceaccounts/labpass-reconciler",
    ],
)
def test_changes_nothing_that_holds_it(
    account: Client, admin: Client, refused: "Refused", path: str
) -> None:
    harmless: Any = {"metadata": {"labels": {"was": "tried"}}}
    admin.patch(path, harmless, dry_run=True)  # the control: it is there and can be changed
    with refused("RBAC"):
        account.patch(path, harmless)
    with refused("RBAC"):
        account.delete(path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/kube-system/secrets"),
        ("GET", f"/api/v1/namespaces/{PROJECT}/secrets"),
        ("GET", "/api/v1/secrets"),
        ("GET", f"/api/v1/namespaces/{PROJECT}/pods"),
        ("GET", "/api/v1/nodes"),
        ("POST", f"/apis/batch/v1/namespaces/{PROJECT}/jobs"),
        ("POST", f"/api/v1/namespaces/{PROJECT}/serviceaccounts"),
        ("POST", f"/api/v1/namespaces/{PROJECT}/serviceaccounts/default/token"),
        ("POST", f"/apis/{RBAC}/v1/clusterrolebindings"),
        ("POST", f"/apis/{RBAC}/v1/clusterroles"),
    ],
)
def test_has_no_other_power(account: Client, refused: "Refused", method: str, path: str) -> None:
    with refused("RBAC"):
        account.request(method, path, body={} if method == "POST" else None)


def test_sees_the_accounts_that_it_changes_and_no_other(
    account: Client, refused: "Refused"
) -> None:
    chosen = {"fieldSelector": "metadata.name=default"}
    found = list(account.list("/api/v1/serviceaccounts", chosen))
    assert {each["metadata"]["name"] for each in found} == {"default"}
    with refused("RBAC"):
        list(account.list("/api/v1/serviceaccounts"))


def test_is_nobody_else(world: "World", refused: "Refused") -> None:
    with refused("RBAC"):
        world.token_as("labpass:alice").get(f"/api/v1/namespaces/{PROJECT}/pods")
