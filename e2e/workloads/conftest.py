"""Two projects on a bare cluster, and people by impersonation: what RBAC says is real."""

from collections.abc import Callable, Iterator

import pytest

from labpass.cluster import permission_sets
from labpass.kube import kubeconfig_entry
from labpass.kube.client import Client
from labpass.kube.entry import Entry, Impersonation
from labpass.workloads.place import Place
from testbed.document import Cluster

PEOPLE = {"vision": ("alice", "bob"), "speech": ("bob",)}
RBAC = "rbac.authorization.k8s.io"


@pytest.fixture(scope="session")
def entry(bare_cluster: Cluster) -> Entry:
    return kubeconfig_entry.load(bare_cluster.admin_kubeconfig)


@pytest.fixture(scope="session")
def admin(entry: Entry) -> Iterator[Client]:
    with Client.from_entry(entry) as api:
        _grant(api)
        yield api


@pytest.fixture(scope="session")
def connect(entry: Entry, admin: Client) -> Callable[[str], Client]:
    """Give a new connection as somebody, by handle."""

    def as_person(handle: str) -> Client:
        person = Impersonation(user=f"labpass:{handle}")
        return Client(entry.endpoint, entry.credential, impersonation=person)

    return as_person


@pytest.fixture
def alice(connect: Callable[[str], Client]) -> Iterator[Client]:
    with connect("alice") as api:
        yield api


@pytest.fixture
def bob(connect: Callable[[str], Client]) -> Iterator[Client]:
    with connect("bob") as api:
        yield api


@pytest.fixture(scope="session")
def vision(entry: Entry) -> Place:
    return _place(entry, "vision")


@pytest.fixture(scope="session")
def speech(entry: Entry) -> Place:
    return _place(entry, "speech")


def _place(entry: Entry, project: str) -> Place:
    return Place(
        project=project,
        cluster="lab-a",
        namespace=f"workloads-{project}",
        role="researcher",
        server=entry.endpoint.server,
        ca_pem=entry.endpoint.ca_pem,
        audience="labpass-lab-a-x1",
    )


def _grant(admin: Client) -> None:
    """Bind the real permission sets in the projects' namespaces, as the reconciler does."""
    for one in permission_sets.SETS:
        rules = [
            {"apiGroups": [rule.group], "resources": rule.resources, "verbs": rule.verbs}
            for rule in one.rules
        ]
        role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "rules": rules}
        admin.apply({**role, "metadata": {"name": one.cluster_role}})
    for project, people in PEOPLE.items():
        labels = {"pod-security.kubernetes.io/enforce": "baseline"}
        namespace = {"name": f"workloads-{project}", "labels": labels}
        admin.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": namespace})
        for one in permission_sets.SETS:
            _bind(admin, f"workloads-{project}", one.cluster_role, people)


def _bind(admin: Client, namespace: str, role: str, people: tuple[str, ...]) -> None:
    users = [{"kind": "User", "apiGroup": RBAC, "name": f"labpass:{one}"} for one in people]
    admin.apply(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": role, "namespace": namespace},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": users,
        }
    )
