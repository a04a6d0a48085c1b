"""Python's Kubernetes clients, installed from PyPI, with the kubeconfig that labpass makes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from testbed.desk import Desk

if TYPE_CHECKING:
    from e2e.conftest import World

pytestmark = [pytest.mark.testbed, pytest.mark.slow]
UV = Path(sys.executable).with_name("uv")
CLIENTS = ("kubernetes", "lightkube", "kr8s")

OFFICIAL = """
from kubernetes import client, config
config.load_kube_config()
for _ in range(5):
    client.BatchV1Api().list_namespaced_job("labpass-vision")
print(client.AuthenticationV1Api().create_self_subject_review(
    client.V1SelfSubjectReview()).status.user_info.username)
try:
    client.BatchV1Api().list_namespaced_job("labpass-speech")
except client.ApiException as refused:
    print(refused.status)
"""
KR8S = """
import kr8s
for _ in range(5):
    list(kr8s.get("jobs", namespace="labpass-vision"))
try:
    list(kr8s.get("jobs", namespace="labpass-speech"))
except (kr8s.ServerError, PermissionError) as refused:
    print(refused)
"""
LIGHTKUBE = """
import os, lightkube
from lightkube.config.models import Cluster, User
from lightkube.resources.batch_v1 import Job
config = lightkube.KubeConfig.from_one(
    cluster=Cluster(server=os.environ["SERVER"], certificate_auth=os.environ["CA"]),
    user=User(token=os.environ["TOKEN"]),
)
api = lightkube.Client(config=config, namespace="labpass-vision")
for _ in range(5):
    list(api.list(Job))
try:
    list(api.list(Job, namespace="labpass-speech"))
except lightkube.ApiError as refused:
    print(refused.status.message)
"""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the clients into a throw-away environment."""
    venv = tmp_path_factory.mktemp("clients") / "venv"
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, venv], check=True)
    made = venv / "bin" / "python"
    install = [str(UV), "pip", "install", "-q", "--python", str(made), *CLIENTS]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the clients are not to be had from PyPI: {done.stderr.strip()[-300:]}")
    return made


@pytest.fixture
def alice(world: "World") -> Desk:
    return world.person("alice").sign_in()


def run(desk: Desk, python: Path, script: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [python, "-W", "ignore", "-c", script],
        env={**desk.environment, **more},
        cwd=desk.home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def session(desk: Desk) -> Any:
    (path,) = (desk.home / "labpass" / "sess").glob("*.json")
    return json.loads(path.read_text())


def test_the_official_client(alice: Desk, python: Path) -> None:
    done = run(alice, python, OFFICIAL)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["labpass:alice", "403"]
    before = session(alice)
    assert run(alice, python, OFFICIAL).returncode == 0
    assert session(alice) == before  # nobody asked the server again


def test_the_official_client_says_what_to_do_when_signed_out(alice: Desk, python: Path) -> None:
    alice.ask("labpass", "logout")
    done = run(alice, python, OFFICIAL)
    assert done.returncode != 0
    assert "labpass login" in done.stderr


def test_kr8s(alice: Desk, python: Path) -> None:
    before = session(alice)
    done = run(alice, python, KR8S)
    assert done.returncode == 0, done.stderr
    assert 'User "labpass:alice" cannot list resource "jobs"' in done.stdout
    assert session(alice)["handle"] == before["handle"]


def test_lightkube_with_a_token(world: "World", alice: Desk, python: Path) -> None:
    cluster = world.testbed.clusters[0]
    asked = ("labpass", "auth", "token", "--audience", str(cluster.audience))
    done = run(
        alice,
        python,
        LIGHTKUBE,
        TOKEN=alice.ask(*asked).out.strip(),
        SERVER=cluster.server,
        CA=str(cluster.ca),
    )
    assert done.returncode == 0, done.stderr
    assert 'User "labpass:alice" cannot list resource "jobs"' in done.stdout


def test_a_short_path_as_graphical_programs_have_it(alice: Desk, python: Path) -> None:
    done = run(alice, python, OFFICIAL, PATH=os.defpath)
    assert done.returncode == 0, done.stderr
    kubectl = shutil.which("kubectl", path=alice.environment["PATH"])
    assert kubectl is not None
    told = subprocess.run(
        [kubectl, "auth", "whoami"],
        env={**alice.environment, "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "labpass:alice" in told.stdout, told.stderr
