import base64
from pathlib import Path

import ruamel.yaml

from testbed.cluster import certificates, kubeconfig


def test_it_is_laid_out_as_kubeadm_does(tmp_path: Path) -> None:
    authority = certificates.Authority("kubernetes", tmp_path)
    pair = authority.client("admin", name="kubernetes-admin")
    address = kubeconfig.Address(
        cluster="cluster-1", server="https://127.0.0.1:6443", ca=authority.pair.certificate
    )
    path = kubeconfig.write(tmp_path / "admin.conf", address, user="kubernetes-admin", pair=pair)
    found = ruamel.yaml.YAML(typ="safe").load(path)
    assert list(found) == [
        "apiVersion",
        "clusters",
        "contexts",
        "current-context",
        "kind",
        "preferences",
        "users",
    ]
    assert found["current-context"] == "kubernetes-admin@cluster-1"
    user = found["users"][0]["user"]
    assert set(user) == {"client-certificate-data", "client-key-data"}
    assert base64.b64decode(user["client-key-data"]) == pair.key.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
