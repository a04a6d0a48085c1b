from pathlib import Path

import ruamel.yaml

from testbed.cluster import nodes
from testbed.version import DEFAULT


def test_every_mark_is_filled_in_and_every_document_is_yaml() -> None:
    text = nodes.configuration(pods=Path("/pods"), log=Path("/log"), kubelet_port=10250)
    assert "@" not in text.replace("annotations", "").split("apiVersion", 1)[1]
    kinds = [each["kind"] for each in ruamel.yaml.YAML(typ="safe").load_all(text)]
    assert kinds.count("Stage") == 3
    assert {"ClusterLogs", "ClusterExec", "ClusterAttach", "ClusterPortForward"} <= set(kinds)


def test_workers_have_gpus_and_the_control_plane_is_tainted() -> None:
    control_plane, *workers = nodes.manifests(DEFAULT)
    assert control_plane["spec"]["taints"][0]["effect"] == "NoSchedule"
    assert [each["status"]["allocatable"]["nvidia.com/gpu"] for each in workers] == ["8", "8"]
