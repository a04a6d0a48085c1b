import base64
import json
from pathlib import Path
from typing import Any

import pytest

from labpass import problems
from labpass.kube import kubeconfig_entry
from labpass.kube.entry import (
    Anonymous,
    BearerToken,
    ClientCertificate,
    ExecPlugin,
    Impersonation,
    TokenFile,
)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def document(*, user: Any = None, cluster: Any = None, name: str = "main") -> dict[str, Any]:
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "n"}}],
        "clusters": [{"name": name, "cluster": {"server": "https://c:6443", **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
    }


def write(folder: Path, body: Any, name: str = "config") -> Path:
    file = folder / name
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    return file


def test_an_administrators_entry_as_kubeadm_writes_it(tmp_path: Path) -> None:
    user = {"client-certificate-data": encoded("cert"), "client-key-data": encoded("key")}
    cluster = {"certificate-authority-data": encoded("ca"), "tls-server-name": "kubernetes"}
    found = kubeconfig_entry.load(write(tmp_path, document(user=user, cluster=cluster)))
    assert found.context == "main"
    assert found.namespace == "n"
    assert found.endpoint.server == "https://c:6443"
    assert found.endpoint.ca_pem == "ca"
    assert found.endpoint.tls_server_name == "kubernetes"
    assert isinstance(found.credential, ClientCertificate)
    assert found.credential.certificate_pem == "cert"
    assert found.credential.key_pem.reveal() == "key"
    assert "key_pem=Secret(***)" in repr(found)


def test_paths_follow_their_file(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        write(tmp_path, name, name)
    user = {"client-certificate": "cert.pem", "client-key": str(tmp_path / "key.pem")}
    body = document(user=user, cluster={"certificate-authority": "ca.pem"})
    found = kubeconfig_entry.load(write(tmp_path, body))
    assert found.endpoint.ca_pem == "ca.pem"
    assert isinstance(found.credential, ClientCertificate)
    assert found.credential.key_pem.reveal() == "key.pem"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    body = document(user={"client-certificate": "gone.pem", "client-key": "gone.key"})
    with pytest.raises(problems.NotFound, match=r"gone\.pem"):
        kubeconfig_entry.load(write(tmp_path, body))


def test_a_token_and_a_token_file(tmp_path: Path) -> None:
    found = kubeconfig_entry.load(write(tmp_path, document(user={"token": "t"})))
    assert isinstance(found.credential, BearerToken)
    assert found.credential.token.reveal() == "t"
    both = document(user={"token": "t", "tokenFile": "there"})
    assert kubeconfig_entry.load(write(tmp_path, both)).credential == TokenFile(
        path=tmp_path / "there"
    )


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_an_exec_plugin(tmp_path: Path, version: str) -> None:
    plugin = {
        "apiVersion": f"client.authentication.k8s.io/{version}",
        "command": "./bin/get-token",
        "args": ["--for", "me"],
        "env": [{"name": "A", "value": "b"}],
        "interactiveMode": "Never",
        "provideClusterInfo": True,
        "installHint": "install it",
    }
    found = kubeconfig_entry.load(write(tmp_path, document(user={"exec": plugin})))
    assert found.credential == ExecPlugin(
        api_version=f"client.authentication.k8s.io/{version}",
        command=str(tmp_path / "bin/get-token"),
        args=("--for", "me"),
        env=(("A", "b"),),
        interactive_mode="Never",
        provide_cluster_info=True,
        install_hint="install it",
    )


def test_whom_to_act_as(tmp_path: Path) -> None:
    body = document(user={"token": "t", "as": "root", "as-groups": ["g"], "as-uid": "1"})
    found = kubeconfig_entry.load(write(tmp_path, body))
    assert found.impersonation == Impersonation(user="root", groups=("g",), uid="1")
    assert isinstance(found.credential, BearerToken)


def test_no_user_is_nobody(tmp_path: Path) -> None:
    assert kubeconfig_entry.load(write(tmp_path, document())).credential == Anonymous()


@pytest.mark.parametrize(
    ("user", "cluster", "named"),
    [
        ({"auth-provider": {"name": "oidc"}}, {}, "auth-provider"),
        ({"username": "u", "password": "p"}, {}, "username"),
        ({"token": "t", "as": "u", "as-user-extra": {"a": ["b"]}}, {}, "as-user-extra"),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1alpha1"}}, {}, "v1alpha1"),
        ({"client-certificate-data": encoded("cert")}, {}, "no key"),
        ({"client-certificate-data": "%%%"}, {}, "base64"),
        ({}, {"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify"),
        ({}, {"server": "http://c:8080"}, "https"),
        ({}, {"server": ""}, "https"),
        ({}, {"proxy-url": "socks5://u:secret@p:1"}, "proxy-url"),
    ],
)
def test_what_is_not_taken_is_named(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any], named: str
) -> None:
    file = write(tmp_path, document(user=user, cluster=cluster))
    with pytest.raises(problems.Problem, match=named) as caught:
        kubeconfig_entry.load(file)
    assert "secret" not in caught.value.message


def test_a_context_may_be_named(tmp_path: Path) -> None:
    body = document()
    body["contexts"].append({"name": "other", "context": {"cluster": "main", "user": "main"}})
    file = write(tmp_path, body)
    assert kubeconfig_entry.load(file, "other").context == "other"
    with pytest.raises(problems.NotFound, match="no context 'third'") as caught:
        kubeconfig_entry.load(file, "third")
    assert caught.value.hint == "it has: main, other"
    with pytest.raises(problems.UsageProblem, match="no current context"):
        kubeconfig_entry.load(write(tmp_path, {**body, "current-context": ""}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "just words",
        "a: b: c",
        "\x00\x01",
        "a: 1\na: 2\n",
        "clusters: [1]\ncurrent-context: x",
        "clusters: [{name: x, cluster: 7}]",
    ],
)
def test_what_is_no_kubeconfig_is_said_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(problems.Problem, match="is not a kubeconfig"):
        kubeconfig_entry.load(write(tmp_path, text))


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(problems.Problem, match="too large"):
        kubeconfig_entry.load(write(tmp_path, "#" * (4 * 1024 * 1024 + 1)))


def test_a_bomb_of_aliases_does_not_go_off(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(problems.UsageProblem):
        kubeconfig_entry.load(write(tmp_path, "\n".join(lines)))


def test_the_first_file_wins_for_a_whole_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(tmp_path, document(user={"token": "first"}), "first")
    second = document(user={"token": "second", "as": "somebody"})
    second["contexts"].append({"name": "more", "context": {"cluster": "main", "user": "main"}})
    other = write(tmp_path, second, "second")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'missing'}:{first}:{other}")
    found = kubeconfig_entry.load(None, "more")
    assert isinstance(found.credential, BearerToken)
    assert found.credential.token.reveal() == "first"
    assert found.impersonation is None


def test_without_any_the_usual_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(problems.NotFound, match=r"\.kube/config"):
        kubeconfig_entry.load()
    (tmp_path / ".kube").mkdir()
    write(tmp_path / ".kube", document())
    assert kubeconfig_entry.load().context == "main"


def test_the_file_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(problems.NotFound, match="cannot read"):
        kubeconfig_entry.load(tmp_path / "gone")
