"""Simulated nodes with GPUs, and how pods live on them.

A pod that is meant to end (restart policy Never or OnFailure, so every pod of a Job) runs for
`DURATION` and succeeds. The annotation ``testbed.labpass.dev/duration: 30s`` or the environment
variable ``TESTBED_DURATION`` of the first container sets another duration,
``testbed.labpass.dev/outcome: failed`` or ``TESTBED_OUTCOME`` another end. Every other pod runs
until it is deleted. Logs are one fixed file; exec runs the command on this machine, as the person
who runs the testbed, in a folder of the testbed: it stands in for a container and isolates
nothing.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from testbed.version import Version

DURATION = "3s"
GPUS = 8
WORKERS = 2
# What a container says, in the format that the kubelet's log files have (CRI).
LOG = (
    "2026-01-01T00:00:00.000000001Z stdout F simulated by the testbed\n"
    "2026-01-01T00:00:01.000000001Z stdout F step 1 of 2\n"
    "2026-01-01T00:00:02.000000001Z stdout F step 2 of 2\n"
)
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
_GPU_LABELS = {
    "nvidia.com/gpu.present": "true",
    "nvidia.com/gpu.count": str(GPUS),
    "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
    "nvidia.com/gpu.memory": "81559",
}


def configuration(*, pods: Path, log: Path, kubelet_port: int) -> str:
    """Return how pods live, and what answers to logs, exec, attach and port-forward."""
    text = resources.files(__package__).joinpath("kwok.yaml").read_text()
    filled = {
        "@DURATION@": DURATION,
        "@PODS@": str(pods),
        "@LOG@": str(log),
        "@KUBELET@": str(kubelet_port),
    }
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return text


def manifests(version: Version) -> Iterator[dict[str, Any]]:
    """Yield a control-plane node, tainted as by kubeadm, and the workers with their GPUs."""
    control_plane = _node("control-plane", version, labels={_CONTROL_PLANE: ""})
    yield control_plane | {"spec": {"taints": [{"key": _CONTROL_PLANE, "effect": "NoSchedule"}]}}
    for number in range(1, WORKERS + 1):
        yield _node(
            f"gpu-{number}", version, labels=_GPU_LABELS, more={"nvidia.com/gpu": str(GPUS)}
        )


def _node(
    name: str, version: Version, *, labels: Mapping[str, str], more: Mapping[str, str] | None = None
) -> dict[str, Any]:
    amounts = {
        "cpu": "128",
        "memory": "1Ti",
        "ephemeral-storage": "4Ti",
        "pods": "110",
        **(more or {}),
    }
    system = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**system, **labels}},
        "status": {"capacity": amounts, "allocatable": amounts, "nodeInfo": _info(version)},
    }


def _info(version: Version) -> dict[str, str]:
    """Return what a kubelet says of its machine; every field is required."""
    unknown = (
        "bootID",
        "containerRuntimeVersion",
        "kernelVersion",
        "kubeProxyVersion",
        "machineID",
        "osImage",
    )
    return {
        **dict.fromkeys((*unknown, "systemUUID"), ""),
        "architecture": "amd64",
        "operatingSystem": "linux",
        "kubeletVersion": str(version),
    }
