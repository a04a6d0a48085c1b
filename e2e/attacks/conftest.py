"""A cluster with Labpass in it, one project, and people who will try everything.

alice and bob are researchers. carol and dave have, by a role of the site's own, far more than
Labpass gives, so that a policy is tried where RBAC would have said no first. erin may write
namespaces. People are impersonated here; `person` is the only place that knows.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from labpass import problems
from labpass.cluster import names, permission_sets, stamp
from labpass.kube import answers, kubeconfig_entry
from labpass.kube.client import Client
from labpass.kube.entry import BearerToken, Entry, Impersonation
from labpass.rollout import install, survey
from labpass.rollout.install import Connected
from testbed import document, lifecycle
from testbed.programs import Programs
from testbed.version import Version

Object: TypeAlias = dict[str, Any]
Build: TypeAlias = Callable[..., Object]
Refused: TypeAlias = Callable[[str], AbstractContextManager[None]]

INSTALLATION = "attacked-1"
PROJECT = "labpass-attacked"
RBAC = "rbac.authorization.k8s.io"
WANTED = survey.Wanted(
    installation=INSTALLATION, username_prefix="labpass:", groups_prefix="labpass:"
)
API_OF = {
    "Pod": "v1",
    "PodTemplate": "v1",
    "ReplicationController": "v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "CronJob": "batch/v1",
    "Job": "batch/v1",
}
_numbers = count()


class World:
    """The cluster under attack."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.admin = Client.from_entry(entry)
        self._opened = [self.admin]
        self.connected = self.install()
        self.account = self.account_of(self.connected)

    def install(self, *, fresh_account: bool = False) -> Connected:
        """Install as the administrator does."""
        seen = survey.survey(self.admin, WANTED)
        return install.install(
            self.admin, seen, progress=lambda _: None, fresh_account=fresh_account
        )

    def renew(self, *, fresh_account: bool = False) -> None:
        """Install over what is there, and hold the account's new token."""
        self.connected = self.install(fresh_account=fresh_account)
        self.account = self.account_of(self.connected)

    def account_of(self, connected: Connected) -> Client:
        """Be our account, by its token."""
        made = Client.from_token(connected.server, connected.ca_pem, connected.token)
        self._opened.append(made)
        return made

    def token_as(self, user: str) -> Client:
        """Be somebody by our account's token and an impersonation that it has no right to."""
        token = BearerToken(token=self.connected.token)
        made = Client(self.entry.endpoint, token, impersonation=Impersonation(user=user))
        self._opened.append(made)
        return made

    def person(self, user: str, *groups: str) -> Client:
        """Be somebody else: a person, or our account with more power than it has."""
        as_them = Impersonation(user=user, groups=(*groups, "system:authenticated"))
        made = Client(self.entry.endpoint, self.entry.credential, impersonation=as_them)
        self._opened.append(made)
        return made

    def close(self) -> None:
        """Close every connection."""
        for each in self._opened:
            each.close()

    def wait_for_stamp(self, *, active: bool) -> None:
        """Wait until a dry run shows that the stamp is there, or is not."""
        carol = self.person("labpass:carol")

        def is_stamped() -> bool:
            answer = carol.raw(
                "POST",
                carol.path_of(_build("Job"), collection=True),
                body=_build("Job"),
                params=DRY,
            )
            return answer.status_code == 201

        eventually(lambda: is_stamped() is active)

    def make_project(self) -> None:
        """Make project and access with our account's own token, as the reconciler does."""
        self.account.apply(namespace())
        path = f"/api/v1/namespaces/{PROJECT}/serviceaccounts/default"
        eventually(lambda: self.admin.raw("GET", path).status_code == 200)
        self.account.patch(path, {"automountServiceAccountToken": False})
        for each in permission_sets.SETS:
            self.account.apply(binding(each.name, "alice", "bob"))
        self._let_the_site_give_more()

    def _let_the_site_give_more(self) -> None:
        every = ["create", "delete", "get", "list", "patch", "update"]
        rules = [{"apiGroups": [g], "resources": ["*"], "verbs": every} for g in GROUPS]
        self.admin.apply(role("ClusterRole", "site-more", rules))
        self.admin.apply(bound("site-more", "labpass:carol", "labpass:dave"))
        resources = ["namespaces", "namespaces/status", "namespaces/finalize"]
        rules = [{"apiGroups": [""], "resources": resources, "verbs": every}]
        self.admin.apply(role("ClusterRole", "site-namespaces", rules))
        everywhere = bound("site-namespaces", "labpass:erin", "someone@example.org")
        everywhere["kind"] = "ClusterRoleBinding"
        del everywhere["metadata"]["namespace"]
        self.admin.apply(everywhere)


SIGNS = {
    "RBAC": ("cannot ", "is attempting to grant RBAC permissions not currently held"),
    "PodSecurity": ("violates PodSecurity",),
}
GROUPS = ("", "apps", "batch")
DRY = {"dryRun": "All"}


@pytest.fixture(scope="session")
def attacked_cluster(
    programs: Programs, kubernetes: Version, testbed_states: Callable[[str], Path]
) -> Iterator[document.Cluster]:
    """A cluster of our own: what is installed here would be in the way of other tests."""
    wanted = lifecycle.Wanted(
        state=testbed_states("attacked"), programs=programs, version=kubernetes, bare=True
    )
    with lifecycle.running(wanted) as found:
        yield found.clusters[0]


@pytest.fixture(scope="session")
def is_stamping(kubernetes: Version) -> bool:
    """Whether this release writes the submitter's name by itself."""
    return (1, kubernetes.minor) >= stamp.FROM


@pytest.fixture(scope="session")
def world(attacked_cluster: document.Cluster) -> Iterator[World]:
    with attacked(attacked_cluster) as made:
        yield made


@pytest.fixture(scope="session")
def attacking() -> Callable[[document.Cluster], AbstractContextManager[World]]:
    """Make the same world on a cluster of another release."""
    return attacked


@contextmanager
def attacked(cluster: document.Cluster) -> Iterator[World]:
    made = World(kubeconfig_entry.load(Path(cluster.admin_kubeconfig)))
    try:
        made.make_project()
        alice, dave = made.person("labpass:alice"), made.person("labpass:dave")
        eventually(lambda: may(alice, "create", "batch", "jobs"))
        eventually(lambda: may(dave, "create", "batch", "cronjobs"))
        yield made
    finally:
        made.close()


@pytest.fixture
def admin(world: World) -> Client:
    return world.admin


@pytest.fixture
def account(world: World) -> Client:
    """Our account, by its own token: what a thief would hold."""
    return world.account


@pytest.fixture
def mighty_account(world: World) -> Client:
    """Our account if RBAC let it do everything: the fence alone stands."""
    return world.person(names.ACCOUNT_USER, "system:masters")


@pytest.fixture
def alice(world: World) -> Client:
    return world.person("labpass:alice")


@pytest.fixture
def bob(world: World) -> Client:
    return world.person("labpass:bob")


@pytest.fixture
def carol(world: World) -> Client:
    return world.person("labpass:carol")


@pytest.fixture
def dave(world: World) -> Client:
    return world.person("labpass:dave")


@pytest.fixture
def erin(world: World) -> Client:
    return world.person("labpass:erin")


@pytest.fixture
def build() -> Build:
    """Build an object of a kind that makes pods, ready to be sent."""
    return _build


@pytest.fixture
def refused() -> Refused:
    """Expect a refusal, and by whom: a policy's name, ``RBAC`` or ``PodSecurity``."""
    return _refused


@pytest.fixture(name="namespace")
def namespace_fixture() -> Build:
    """Build a project's namespace."""
    return namespace


@pytest.fixture(name="binding")
def binding_fixture() -> Build:
    """Build the RoleBinding of a permission set."""
    return binding


@pytest.fixture(name="may")
def may_fixture() -> Callable[..., bool]:
    """Ask the API server whether somebody may do something."""
    return may


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[..., None]:
    """Poll until something holds."""
    return eventually


@pytest.fixture
def labels_of() -> Callable[[Mapping[str, Any]], list[str]]:
    """Read the submitter from an object and every template in it."""
    return submitters


def _build(kind: str, *, top: str = "", inner: str = "", **pod: Any) -> Object:
    """Build with ``top`` and ``inner`` as submitter on the object and in its templates."""
    spec = {"restartPolicy": _restart(kind), "containers": [container()], **deepcopy(pod)}
    template = {"metadata": {"labels": {"app": "x", **_label(inner)}}, "spec": spec}
    metadata = {
        "name": f"a{next(_numbers)}-{time.monotonic_ns()}",
        "namespace": PROJECT,
        "labels": _label(top),
    }
    made: Object = {"apiVersion": API_OF[kind], "kind": kind, "metadata": metadata}
    match kind:
        case "Pod":
            return {**made, "spec": spec}
        case "PodTemplate":
            return {**made, "template": template}
        case "Job":
            return {**made, "spec": {"suspend": True, "template": template}}
        case "CronJob":
            jobs = {"metadata": {"labels": _label(inner)}, "spec": {"template": template}}
            schedule = {"schedule": "0 0 31 2 *", "jobTemplate": jobs}
            return {**made, "spec": schedule}
        case "ReplicationController":
            return {**made, "spec": {"replicas": 0, "selector": {"app": "x"}, "template": template}}
        case _:
            some = {} if kind == "DaemonSet" else {"replicas": 0}
            selector = {"matchLabels": {"app": "x"}}
            return {**made, "spec": {**some, "selector": selector, "template": template}}


def submitters(found: Mapping[str, Any]) -> list[str]:
    holders = [found]
    if "template" in found:
        holders.append(found["template"])
    spec = found.get("spec", {})
    if "template" in spec:
        holders.append(spec["template"])
    if "jobTemplate" in spec:
        holders += [spec["jobTemplate"], spec["jobTemplate"]["spec"]["template"]]
    return [(h["metadata"].get("labels") or {}).get(names.SUBMITTED_BY, "") for h in holders]


@contextmanager
def _refused(by: str) -> Iterator[None]:
    with pytest.raises(problems.Forbidden) as caught:
        yield
    error = answers.cause(caught.value)
    assert error is not None
    signs = SIGNS.get(by, (f"'{by}'",))
    assert any(sign in error.message for sign in signs), error.message


def namespace(name: str = PROJECT, **labels: str) -> Object:
    """Build a project's namespace; a label with an empty value is left out."""
    wanted = {
        names.INSTALLATION: INSTALLATION,
        names.PROJECT: name.removeprefix("labpass-"),
        names.MANAGED_BY: names.MANAGER,
        names.POD_SECURITY_ENFORCE: "baseline",
        **labels,
    }
    kept = {key: value for key, value in wanted.items() if value}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": kept}}


def binding(permission_set: str, *handles: str, place: str = PROJECT) -> Object:
    """Build the RoleBinding of a set as the reconciler does."""
    made = bound(names.cluster_role(permission_set), *(f"labpass:{each}" for each in handles))
    made["metadata"] = {
        "name": names.role_binding(place, permission_set),
        "namespace": place,
        "labels": {names.MANAGED_BY: names.MANAGER},
    }
    return made


def bound(role_name: str, *users: str) -> Object:
    """Bind a ClusterRole in the project."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role_name, "namespace": PROJECT},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role_name},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user} for user in users],
    }


def role(kind: str, name: str, rules: list[Object]) -> Object:
    """Build a role of the site's own."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": name},
        "rules": rules,
    }


def may(client: Client, verb: str, group: str, resource: str, place: str = PROJECT) -> bool:
    """Ask the API server itself."""
    attributes = {"verb": verb, "group": group, "namespace": place}
    attributes["resource"], _, attributes["subresource"] = resource.partition("/")
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    return bool(client.request("POST", path, body=body)["status"]["allowed"])


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Poll until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


def container(**more: Any) -> Object:
    return {"name": "c", "image": "busybox", **more}


def _label(handle: str) -> dict[str, str]:
    return {names.SUBMITTED_BY: handle} if handle else {}


def _restart(kind: str) -> str:
    return "Never" if kind in {"Pod", "Job", "CronJob"} else "Always"
