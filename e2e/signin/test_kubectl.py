"""kubectl itself, with the kubeconfig that `labpass kubeconfig create` made."""

import hashlib
import json
import os
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from testbed.document import Document
from testbed.programs import Programs

pytestmark = pytest.mark.testbed
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Desk:
    """A person's machine: a home of its own, labpass and kubectl."""

    home: Path
    kubectl: Path

    def run(
        self, *command: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        program = self.kubectl if command[0] == "kubectl" else BIN / command[0]
        return subprocess.run(
            [program, *command[1:]],
            input=stdin,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def alice(testbed: Document, programs: Programs, tmp_path: Path) -> Desk:
    """alice at her desk, signed in."""
    assert testbed.labpass is not None
    pem = testbed.labpass.ca.read_text()
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    (password,) = (p.password_file.read_text() for p in testbed.people if p.handle == "alice")
    desk = Desk(tmp_path, programs.path("kubectl"))
    address = f"{testbed.labpass.issuer}#sha256:{pin}"
    login = ("labpass", "login", "--server", address, "-u", "alice", "--password-stdin")
    done = desk.run(*login, stdin=password)
    assert done.returncode == 0, done.stderr
    return desk


@pytest.fixture
def with_kubeconfig(alice: Desk) -> Desk:
    done = alice.run("labpass", "kubeconfig", "create", "--set-context")
    assert done.returncode == 0, done.stderr
    return alice


def test_the_api_server_knows_her_by_name(with_kubeconfig: Desk) -> None:
    done = with_kubeconfig.run("kubectl", "auth", "whoami", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"]["userInfo"]["username"] == "labpass:alice"


def test_her_project_and_no_other(with_kubeconfig: Desk, testbed: Document) -> None:
    assert with_kubeconfig.run("kubectl", "get", "pods").returncode == 0
    (other,) = (p.namespace for p in testbed.projects if "alice" not in p.researchers)
    done = with_kubeconfig.run("kubectl", "get", "pods", "-n", other)
    assert done.returncode == 1
    assert 'User "labpass:alice" cannot list resource "pods"' in done.stderr


def test_whoami_asks_the_api_server_too(alice: Desk, testbed: Document) -> None:
    name = testbed.clusters[0].name
    done = alice.run("labpass", "whoami", "--cluster", name, "-o", "json")
    assert json.loads(done.stdout)["cluster"]["username"] == "labpass:alice", done.stderr


def test_the_old_version_of_the_plugin_interface_works_too(with_kubeconfig: Desk) -> None:
    path = with_kubeconfig.home / ".kube/config"
    text = path.read_text()
    path.write_text(
        text.replace("k8s.io/v1\n", "k8s.io/v1beta1\n").replace("- v1\n", "- v1beta1\n")
    )
    done = with_kubeconfig.run("kubectl", "auth", "whoami")
    assert "labpass:alice" in done.stdout, done.stderr


def test_a_file_that_kubectl_rewrote_is_still_ours_and_clean(with_kubeconfig: Desk) -> None:
    done = with_kubeconfig.run("kubectl", "config", "set-context", "mine", "--namespace=x")
    assert done.returncode == 0, done.stderr
    assert with_kubeconfig.run("labpass", "kubeconfig", "sanitize", "--check").returncode == 0
    done = with_kubeconfig.run("labpass", "kubeconfig", "create")
    assert "Nothing to change" in done.stderr


def test_both_may_write_the_file_at_once(with_kubeconfig: Desk) -> None:
    environment = {"HOME": str(with_kubeconfig.home), "PATH": "/usr/bin:/bin"}
    create = [str(BIN / "labpass"), "kubeconfig", "create"]
    running = [subprocess.Popen(create, env=environment, stderr=subprocess.DEVNULL)]
    names = [f"context-{number}" for number in range(8)]
    kept = [
        name
        for name in names
        if with_kubeconfig.run("kubectl", "config", "set-context", name, "--user=u").returncode == 0
    ]
    assert [one.wait(60) for one in running] == [0]
    text = (with_kubeconfig.home / ".kube/config").read_text()
    assert all(f"name: {name}\n" in text for name in kept)
    assert "labpass-credential" in text


def test_an_administrators_kubeconfig_becomes_hers(alice: Desk, testbed: Document) -> None:
    cluster = testbed.clusters[0]
    out = alice.home / "researcher.yaml"
    sanitize = ("labpass", "kubeconfig", "sanitize")
    done = alice.run(*sanitize, "--check", "--in", str(cluster.admin_kubeconfig))
    assert done.returncode == 3
    done = alice.run(
        *sanitize,
        *("--in", str(cluster.admin_kubeconfig), "--audience", str(cluster.audience)),
        *("-o", str(out)),
    )
    assert done.returncode == 0, done.stderr
    assert "client-key-data" in done.stderr
    assert "client-key-data" not in out.read_text()
    assert alice.run(*sanitize, "--check", "--in", str(out)).returncode == 0
    path = f"{BIN}{os.pathsep}/usr/bin:/bin"
    done = alice.run("kubectl", "--kubeconfig", str(out), "auth", "whoami", PATH=path)
    assert "labpass:alice" in done.stdout, done.stderr


def test_after_logout_kubectl_says_what_to_do(with_kubeconfig: Desk) -> None:
    assert with_kubeconfig.run("kubectl", "get", "pods").returncode == 0
    assert with_kubeconfig.run("labpass", "logout").returncode == 0
    done = with_kubeconfig.run("kubectl", "get", "pods")
    assert done.returncode == 1
    assert "labpass login" in done.stderr
