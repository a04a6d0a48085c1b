"""A whole testbed is what its document says: a trusted server, people, projects."""

import hashlib
import json
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from e2e.clusters.conftest import Kubectl

from testbed import document

pytestmark = pytest.mark.testbed

Kubectls = Callable[[Path], Kubectl]


def test_its_server_answers_at_its_issuer(testbed: document.Document) -> None:
    assert testbed.labpass is not None
    context = ssl.create_default_context(cafile=testbed.labpass.ca)
    with httpx2.Client(verify=context, trust_env=False) as client:
        found = client.get(f"{testbed.labpass.issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == testbed.labpass.issuer
    assert Path(f"/proc/{testbed.labpass.pid}").exists()


def test_every_cluster_trusts_it_for_its_own_audience(testbed: document.Document) -> None:
    for cluster in testbed.clusters:
        assert cluster.audience is not None
        assert cluster.audience.startswith(f"labpass-{cluster.name}-")
        assert cluster.authentication_config is not None
        assert cluster.audience in cluster.authentication_config.read_text()


def test_alice_may_use_one_project_and_bob_both(
    testbed: document.Document, kubectl: Kubectls
) -> None:
    admin = kubectl(testbed.clusters[0].admin_kubeconfig)
    allowed = {
        (handle, project.name)
        for project in testbed.projects
        for handle in ("alice", "bob")
        if _may_submit(admin, handle, project.namespace)
    }
    assert allowed == {("alice", "vision"), ("bob", "vision"), ("bob", "speech")}
    said = {(handle, each.name) for each in testbed.projects for handle in each.researchers}
    assert said == allowed


def _may_submit(admin: Kubectl, handle: str, namespace: str) -> bool:
    question = ("auth", "can-i", "create", "jobs", "-n", namespace, f"--as=labpass:{handle}")
    return admin.run(*question).returncode == 0


def test_alice_signs_in_with_the_password_of_her_file(
    testbed: document.Document, tmp_path: Path
) -> None:
    assert testbed.labpass is not None
    alice = next(each for each in testbed.people if each.handle == "alice")
    assert alice.password_file.stat().st_mode & 0o777 == 0o600
    fingerprint = _fingerprint(testbed.labpass.ca)
    server = f"{testbed.labpass.issuer}#sha256:{fingerprint}"
    environment = {
        "PATH": _path(),
        "HOME": str(tmp_path),
        "LABPASS_HOME": str(tmp_path / "labpass"),
    }
    login = ["labpass", "login", "--server", server, "--password-stdin", "-u", "alice"]
    subprocess.run(
        login,
        input=alice.password_file.read_text() + "\n",
        env=environment,
        text=True,
        capture_output=True,
        check=True,
    )
    found = subprocess.run(
        ["labpass", "whoami", "-o", "json"],
        env=environment,
        text=True,
        capture_output=True,
        check=True,
    )
    assert json.loads(found.stdout)["handle"] == "alice"


def _fingerprint(ca: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(ca.read_text())).hexdigest()


def _path() -> str:
    return f"{Path(sys.executable).parent}:/usr/bin:/bin"
