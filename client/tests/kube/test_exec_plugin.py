"""Administrators' exec plugins, as real programs."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labpass import problems
from labpass.kube import exec_plugin
from labpass.kube.client import Client
from labpass.kube.entry import Endpoint, ExecPlugin

if TYPE_CHECKING:
    from client.tests.kube.conftest import Asked, Authority, Double

VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
ENDPOINT = Endpoint(server="https://c:6443", ca_pem="ca", tls_server_name="kubernetes")


def plugin(folder: Path, body: str, **more: Any) -> ExecPlugin:
    """Write a plugin in Python; ``said`` prints a credential."""
    file = folder / "plugin.py"
    file.write_text(
        "import json, os, sys\n"
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "def said(**status):\n"
        "    print(json.dumps({'apiVersion': info['apiVersion'], 'kind': 'ExecCredential',"
        " 'status': status}))\n" + body
    )
    made = ExecPlugin(api_version=VERSIONS[0], command=sys.executable, args=(str(file),))
    return replace(made, **more)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_token_in_both_versions(tmp_path: Path, version: str) -> None:
    found = exec_plugin.run(plugin(tmp_path, "said(token='t')", api_version=version), ENDPOINT)
    assert found.token is not None
    assert found.token.reveal() == "t"
    assert found.certificate is None


def test_a_certificate(tmp_path: Path) -> None:
    body = "said(clientCertificateData='cert', clientKeyData='key')"
    found = exec_plugin.run(plugin(tmp_path, body), ENDPOINT)
    assert found.certificate is not None
    assert found.certificate.key_pem.reveal() == "key"


def test_it_gets_its_arguments_its_environment_and_what_it_asked_for(tmp_path: Path) -> None:
    body = "said(token=json.dumps([sys.argv[1:], os.environ['A'], 'PATH' in os.environ, info]))"
    made = plugin(tmp_path, body, env=(("A", "b"),), provide_cluster_info=True)
    made = replace(made, args=(*made.args, "--for", "me"))
    found = exec_plugin.run(made, ENDPOINT)
    assert found.token is not None
    args, variable, has_path, info = json.loads(found.token.reveal())
    assert (args, variable, has_path) == (["--for", "me"], "b", True)
    assert info["spec"]["cluster"] == {
        "server": "https://c:6443",
        "certificate-authority-data": "Y2E=",
        "tls-server-name": "kubernetes",
    }


def test_without_a_terminal_it_has_nothing_to_read(tmp_path: Path) -> None:
    body = "said(token=repr((sys.stdin.read(), info['spec']['interactive'])))"
    found = exec_plugin.run(plugin(tmp_path, body), ENDPOINT)
    assert found.token is not None
    assert found.token.reveal() == "('', False)"


def test_one_that_must_ask_is_refused_without_a_terminal(tmp_path: Path) -> None:
    made = plugin(tmp_path, "said(token='t')", interactive_mode="Always")
    with pytest.raises(problems.NotSignedIn, match="wants to ask"):
        exec_plugin.run(made, ENDPOINT)


@pytest.mark.parametrize(
    "body",
    [
        "print('s3cret')",
        "print('[]')",
        "print(json.dumps({'token': 's3cret'}))",
        "said()",
        "said(clientCertificateData='s3cret')",
        "info['apiVersion'] = 'client.authentication.k8s.io/v1beta1'; said(token='s3cret')",
        "said(token='s3cret'); sys.exit(3)",
    ],
)
def test_anything_else_is_refused_and_not_shown(tmp_path: Path, body: str) -> None:
    with pytest.raises(problems.NotSignedIn) as caught:
        exec_plugin.run(plugin(tmp_path, body), ENDPOINT)
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_a_missing_program_comes_with_its_hint() -> None:
    made = ExecPlugin(api_version=VERSIONS[0], command="no-such-plugin", install_hint="brew it")
    with pytest.raises(problems.NotFound, match="no-such-plugin") as caught:
        exec_plugin.run(made, ENDPOINT)
    assert caught.value.hint == "brew it"


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "plain"
    file.write_text("words")
    made = ExecPlugin(api_version=VERSIONS[0], command=str(file))
    with pytest.raises(problems.NotSignedIn, match="did not answer"):
        exec_plugin.run(made, ENDPOINT)


def test_a_token_that_ended_is_renewed_once_and_the_request_sent_again(
    tmp_path: Path, server: "Double", authority: "Authority"
) -> None:
    runs = tmp_path / "runs"
    body = f"open({str(runs)!r}, 'a').write('x')\nsaid(token=str(os.path.getsize({str(runs)!r})))"

    def answer(asked: "Asked") -> tuple[int, Any]:
        is_new = asked.headers["authorization"] == "Bearer 2"
        return (200, {"ok": True}) if is_new else (401, {"message": "Unauthorized"})

    server.answer = answer
    endpoint = Endpoint(server=server.url, ca_pem=authority.pem)
    with Client(endpoint, plugin(tmp_path, body)) as client:
        assert client.get("/version") == {"ok": True}
        server.answer = lambda _: (401, {"message": "Unauthorized"})
        with pytest.raises(problems.NotSignedIn):
            client.get("/version")
    assert runs.read_text() == "xxx"
    assert os.environ.get("KUBERNETES_EXEC_INFO") is None
