"""The attacks that matter most once more, with tokens that Labpass issued, on a whole testbed."""

import hashlib
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import names, pods, prove
from labpass.kube import kubeconfig_entry
from labpass.kube.client import Client
from labpass.rollout import survey
from labpass.rollout.survey import State, Wanted
from labpass.secret import Secret

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused

    from testbed import document

pytestmark = pytest.mark.testbed

LABPASS = Path(sys.executable).with_name("labpass")
SHARED = "labpass-vision"
BOBS = "labpass-speech"
SUSPEND: Any = {"spec": {"suspend": True}}
RESUME: Any = {"spec": {"suspend": False}}
Labels = Callable[[Any], list[str]]


@pytest.fixture(scope="module")
def sign_in(
    testbed: "document.Document", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Client]]:
    """Sign a person in by the command line, and be them at the API server."""
    opened: list[Client] = []

    def client_of(handle: str) -> Client:
        cluster = testbed.clusters[0]
        home = tmp_path_factory.mktemp(handle)
        password = next(p.password_file for p in testbed.people if p.handle == handle)
        assert testbed.labpass is not None
        assert cluster.audience is not None
        pem = Path(testbed.labpass.ca).read_text()
        pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        server = f"{testbed.labpass.issuer}#sha256:{pin}"
        assert password is not None
        words = Path(password).read_text()
        run(home, "login", "--server", server, "-u", handle, "--password-stdin", stdin=words)
        token = run(home, "auth", "token", "--audience", cluster.audience).strip()
        ca = Path(cluster.ca).read_text()
        opened.append(Client.from_token(cluster.server, ca, Secret(token)))
        return opened[-1]

    yield client_of
    for each in opened:
        each.close()


def run(home: Path, *arguments: str, stdin: str = "") -> str:
    environment = {"LABPASS_HOME": str(home), "HOME": str(home), "PATH": os.defpath}
    command = [str(LABPASS), *arguments]
    done = subprocess.run(
        command, input=stdin, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def alice_herself(sign_in: Callable[[str], Client]) -> Client:
    """Alice, by a token of her own."""
    return sign_in("alice")


@pytest.fixture(scope="module")
def bob_himself(sign_in: Callable[[str], Client]) -> Client:
    """Bob, by a token of his own."""
    return sign_in("bob")


@pytest.fixture
def job(build: "Build") -> Any:
    made = build("Job", top="bob", inner="bob")
    made["metadata"]["namespace"] = SHARED
    return made


def test_the_api_server_knows_them_by_their_handles(
    alice_herself: Client, bob_himself: Client
) -> None:
    for client, handle in ((alice_herself, "alice"), (bob_himself, "bob")):
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        told = client.request("POST", path, body={})["status"]["userInfo"]
        assert told["username"] == f"labpass:{handle}"
        assert "system:masters" not in told["groups"]


def test_a_forged_job_is_stored_under_its_submitters_name(
    alice_herself: Client, bob_himself: Client, job: Any, labels_of: Labels, refused: "Refused"
) -> None:
    assert set(labels_of(alice_herself.create(job))) == {"alice"}
    path = alice_herself.path_of(job)
    for somebody in (alice_herself, bob_himself):
        with refused(prove.NAME):
            somebody.patch(path, {"metadata": {"labels": {names.SUBMITTED_BY: "bob"}}})
    with refused(prove.NAME):
        bob_himself.patch(path, {"spec": {"parallelism": 4}})
    with refused(prove.NAME):
        bob_himself.patch(path, RESUME)
    alice_herself.patch(path, RESUME)
    bob_himself.patch(path, SUSPEND)


def test_another_project_is_closed(
    alice_herself: Client, bob_himself: Client, job: Any, refused: "Refused"
) -> None:
    job["metadata"]["namespace"] = BOBS
    bob_himself.create(job, dry_run=True)  # the control
    with refused("RBAC"):
        alice_herself.create(job)
    with refused("RBAC"):
        alice_herself.get(f"/api/v1/namespaces/{BOBS}/secrets")


@pytest.mark.parametrize(
    ("attack", "by"),
    [
        ({"nodeName": "gpu-0"}, pods.NAME),
        ({"serviceAccountName": "other"}, pods.NAME),
        ({"tolerations": [{"operator": "Exists"}]}, pods.NAME),
        ({"volumes": [{"name": "h", "hostPath": {"path": "/"}}]}, "PodSecurity"),
        ({"hostNetwork": True}, "PodSecurity"),
    ],
    ids=str,
)
def test_a_pod_of_the_nodes_is_refused(
    alice_herself: Client, build: "Build", refused: "Refused", attack: Any, by: str
) -> None:
    kind = "Job" if by == pods.NAME else "Pod"
    control, attacked = build(kind), build(kind, **attack)
    for each in (control, attacked):
        each["metadata"]["namespace"] = SHARED
    alice_herself.create(control, dry_run=True)  # the control
    with refused(by):
        alice_herself.create(attacked)


def test_what_is_installed_is_what_this_version_installs(testbed: "document.Document") -> None:
    entry = kubeconfig_entry.load(Path(testbed.clusters[0].admin_kubeconfig))
    with Client.from_entry(entry) as admin:
        owner = admin.get(f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}")["metadata"]
        wanted = Wanted(
            installation=owner["annotations"][names.INSTALLATION],
            username_prefix="labpass:",
            groups_prefix="labpass:",
        )
        found = survey.survey(admin, wanted)
    assert {change.state for change in found.changes} == {State.SAME}
