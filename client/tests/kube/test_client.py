import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from labpass import problems
from labpass.kube import answers
from labpass.kube.client import Client
from labpass.kube.entry import (
    Anonymous,
    BearerToken,
    ClientCertificate,
    Endpoint,
    Impersonation,
    TokenFile,
)
from labpass.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from client.tests.kube.conftest import Authority, Double

RESOURCES = {
    "resources": [
        {"name": "jobs", "kind": "Job", "namespaced": True},
        {"name": "jobs/status", "kind": "Job", "namespaced": True},
    ]
}
JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "namespace": "n"}}


def status(code: int, message: str, reason: str = "") -> tuple[int, Any]:
    return code, {"kind": "Status", "message": message, "reason": reason, "code": code}


@pytest.fixture
def client(server: "Double", authority: "Authority") -> "Iterator[Client]":
    with Client.from_token(server.url, authority.pem, Secret("t0ken")) as made:
        yield made


def test_a_token_goes_with_each_request(client: Client, server: "Double") -> None:
    client.get("/version")
    assert server.asked[0].headers["authorization"] == "Bearer t0ken"


def test_a_client_certificate_is_shown(server: "Double", authority: "Authority") -> None:
    issued = authority.issue("kubernetes-admin")
    credential = ClientCertificate(
        certificate_pem=issued.certificate_pem, key_pem=Secret(issued.key_pem)
    )
    with Client(Endpoint(server=server.url, ca_pem=authority.pem), credential) as client:
        client.get("/version")
    assert server.asked[0].client == "kubernetes-admin"
    assert "authorization" not in server.asked[0].headers


def test_a_key_of_another_certificate_is_named(authority: "Authority") -> None:
    one, other = authority.issue("one"), authority.issue("other")
    credential = ClientCertificate(
        certificate_pem=one.certificate_pem, key_pem=Secret(other.key_pem)
    )
    with (
        Client(Endpoint(server="https://127.0.0.1:9", ca_pem=authority.pem), credential) as client,
        pytest.raises(problems.Problem, match="no pair"),
    ):
        client.get("/version")


def test_a_token_file_is_read_anew(
    server: "Double", authority: "Authority", tmp_path: "Path"
) -> None:
    file = tmp_path / "token"
    endpoint = Endpoint(server=server.url, ca_pem=authority.pem)
    with Client(endpoint, TokenFile(path=file)) as client:
        for token in ("one", "two"):
            file.write_text(f"{token}\n")
            client.get("/version")
    assert [each.headers["authorization"] for each in server.asked] == ["Bearer one", "Bearer two"]


def test_impersonation_goes_by_headers(server: "Double", authority: "Authority") -> None:
    endpoint = Endpoint(server=server.url, ca_pem=authority.pem)
    as_them = Impersonation(user="labpass:alice", groups=("system:authenticated",), uid="7")
    token = BearerToken(token=Secret("t"))
    with Client(endpoint, token, impersonation=as_them) as client:
        client.get("/version")
    headers = server.asked[0].headers
    assert headers["impersonate-user"] == "labpass:alice"
    assert headers["impersonate-group"] == "system:authenticated"
    assert headers["impersonate-uid"] == "7"


def test_another_ca_is_not_believed(server: "Double", authority: "Authority") -> None:
    other = type(authority)()
    with (
        Client(Endpoint(server=server.url, ca_pem=other.pem), Anonymous()) as client,
        pytest.raises(problems.Unreachable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get("/version")
    assert server.asked == []


def test_the_name_in_the_certificate_may_be_said(
    named_server: "Double", authority: "Authority"
) -> None:
    plain = Endpoint(server=named_server.url, ca_pem=authority.pem)
    with Client(plain, Anonymous()) as client, pytest.raises(problems.Unreachable):
        client.get("/version")
    named = Endpoint(
        server=named_server.url, ca_pem=authority.pem, tls_server_name="kubernetes.example"
    )
    with Client(named, Anonymous()) as client:
        assert client.get("/version") == {}


def test_a_broken_ca_is_named() -> None:
    with (
        Client(Endpoint(server="https://127.0.0.1:9", ca_pem="nonsense"), Anonymous()) as client,
        pytest.raises(problems.Problem, match="no PEM certificate"),
    ):
        client.get("/version")


def test_a_list_follows_its_pages(client: Client, server: "Double") -> None:
    pages = {
        "": {"items": [{"n": 1}, {"n": 2}], "metadata": {"continue": "more"}},
        "more": {"items": [{"n": 3}], "metadata": {}},
    }
    server.answer = lambda asked: (200, pages["more" if "continue=more" in asked.path else ""])
    assert [each["n"] for each in client.list("/api/v1/pods", {"labelSelector": "a=b"})] == [
        1,
        2,
        3,
    ]
    assert all("labelSelector=a%3Db" in each.path for each in server.asked)


def test_a_kind_s_path_is_asked_for_once(client: Client, server: "Double") -> None:
    server.answer = lambda asked: (200, RESOURCES if asked.path == "/apis/batch/v1" else JOB)
    client.apply(JOB, dry_run=True)
    client.create(JOB)
    client.replace(JOB)
    assert server.paths == [
        "GET /apis/batch/v1",
        "PATCH /apis/batch/v1/namespaces/n/jobs/a?fieldManager=labpass&force=true&dryRun=All",
        "POST /apis/batch/v1/namespaces/n/jobs?fieldManager=labpass",
        "PUT /apis/batch/v1/namespaces/n/jobs/a?fieldManager=labpass",
    ]
    assert server.asked[1].headers["content-type"] == "application/apply-patch+yaml"


def test_a_kind_that_the_cluster_lacks_is_named(client: Client, server: "Double") -> None:
    server.answer = lambda _: (200, RESOURCES)
    with pytest.raises(problems.NotFound, match="no RayJob of batch/v1"):
        client.path_of({**JOB, "kind": "RayJob"})
    server.answer = lambda _: status(404, "not found")
    with pytest.raises(problems.NotFound, match=r"no ray\.io/v1"):
        client.path_of({**JOB, "apiVersion": "ray.io/v1"})


def test_deleting_what_is_gone_is_no_error(client: Client, server: "Double") -> None:
    assert client.delete("/api/v1/namespaces/a")
    server.answer = lambda _: status(404, "not found", "NotFound")
    assert not client.delete("/api/v1/namespaces/a")
    assert "propagationPolicy=Background" in server.asked[0].path


def test_a_token_is_asked_for(client: Client, server: "Double") -> None:
    told = {"token": "made", "expirationTimestamp": "2027-01-01T00:00:00Z"}
    server.answer = lambda _: (201, {"status": told})
    made = client.token("labpass-system", "labpass-reconciler", seconds=600)
    assert made.token.reveal() == "made"
    assert made.expires_at.isoformat() == "2027-01-01T00:00:00+00:00"
    assert "made" not in repr(made)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (401, problems.NotSignedIn),
        (403, problems.Forbidden),
        (404, problems.NotFound),
        (409, problems.Conflict),
        (422, problems.Problem),
        (429, problems.Unreachable),
        (503, problems.Unreachable),
    ],
)
def test_a_refusal_keeps_the_api_servers_own_words(
    client: Client, server: "Double", code: int, kind: type[problems.Problem]
) -> None:
    server.answer = lambda _: status(code, 'jobs.batch is forbidden: User "x"', "Forbidden")
    with pytest.raises(kind) as caught:
        client.get("/apis/batch/v1/jobs")
    assert type(caught.value) is kind
    assert caught.value.message == 'jobs.batch is forbidden: User "x"'
    said = answers.cause(caught.value)
    assert said is not None
    assert (said.code, said.reason) == (code, "Forbidden")


@pytest.mark.parametrize("code", [200, 302, 403, 502])
def test_a_page_of_some_proxy_is_not_shown(client: Client, server: "Double", code: int) -> None:
    server.answer = lambda _: (code, "<html>log in to the gateway</html>")
    with pytest.raises(problems.Problem) as caught:
        client.get("/version")
    assert "gateway" not in caught.value.message
    assert "127.0.0.1" in caught.value.message


def test_nobody_there_is_said_in_words(authority: "Authority") -> None:
    with (
        Client.from_token("https://127.0.0.1:1", authority.pem, Secret("t0ken")) as client,
        pytest.raises(problems.Unreachable, match=r"https://127\.0\.0\.1:1") as caught,
    ):
        client.get("/version")
    assert "t0ken" not in str(caught.value)


def test_lines_come_one_by_one(client: Client, server: "Double") -> None:
    server.answer = lambda _: (200, "one\ntwo\n")
    with client.lines("/log", {"follow": "true"}) as lines:
        assert list(lines) == ["one", "two"]
    server.answer = lambda _: status(404, "no such pod")
    with pytest.raises(problems.NotFound, match="no such pod"), client.lines("/log"):
        pass


def test_the_environments_proxy_is_left_out_on_loopback(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert client.get("/version") == {}


def test_a_proxy_is_asked_and_its_password_is_not_shown(authority: "Authority") -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asked: list[bytes] = []
        thread = threading.Thread(target=refuse_one, args=(listening, asked))
        thread.start()
        endpoint = Endpoint(
            server="https://cluster.example:6443",
            ca_pem=authority.pem,
            proxy_url=f"http://me:pa55word@127.0.0.1:{listening.getsockname()[1]}",
        )
        with (
            Client(endpoint, BearerToken(token=Secret("t0ken"))) as client,
            pytest.raises(problems.Unreachable, match=r"cluster\.example:6443") as caught,
        ):
            client.get("/version")
        thread.join()
    assert asked[0].startswith(b"CONNECT cluster.example:6443 HTTP/1.1")
    assert b"t0ken" not in asked[0]
    assert "pa55word" not in caught.value.message
    assert "pa55word" not in repr(endpoint)


def refuse_one(listening: socket.socket, asked: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection:
        asked.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
