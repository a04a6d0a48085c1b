import json
from pathlib import Path

from testbed import document

CLUSTER = document.Cluster(
    name="cluster-1",
    version="v1.36.3",
    server="https://127.0.0.1:6443",
    ca=Path("/state/ca.crt"),
    audience=None,
    admin_kubeconfig=Path("/state/admin.conf"),
    break_glass_kubeconfig=Path("/state/super-admin.conf"),
    authentication_config=Path("/state/config.yaml"),
    audit_log=Path("/state/audit.log"),
)
ALICE = document.Account(handle="alice", password_file=Path("/state/alice"))
WHOLE = document.Document(
    state=Path("/state"),
    clusters=(CLUSTER,),
    labpass=document.Labpass(issuer="https://i", ca=Path("/state/ca.pem"), pid=7, admin=ALICE),
    people=(ALICE,),
    projects=(
        document.Project(
            name="vision", cluster="cluster-1", namespace="labpass-vision", researchers=("alice",)
        ),
    ),
)


def test_what_is_printed_reads_back() -> None:
    bare = document.Document(state=Path("/state"), clusters=(CLUSTER,))
    for found in (WHOLE, bare):
        assert document.parse(document.render(found)) == found


def test_the_keys_that_others_rely_on() -> None:
    found = json.loads(document.render(WHOLE))
    assert list(found) == ["state", "clusters", "labpass", "people", "projects"]
    assert list(found["clusters"][0]) == [
        "name",
        "version",
        "server",
        "ca",
        "audience",
        "admin_kubeconfig",
        "break_glass_kubeconfig",
        "authentication_config",
        "audit_log",
    ]
    assert list(found["labpass"]) == ["issuer", "ca", "pid", "admin"]
    assert found["people"] == [{"handle": "alice", "password_file": "/state/alice"}]
    assert list(found["projects"][0]) == ["name", "cluster", "namespace", "researchers"]
