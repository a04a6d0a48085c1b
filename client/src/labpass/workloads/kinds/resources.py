"""What one pod of a workload asks for."""

from dataclasses import dataclass
from typing import Final

from labpass.workloads.kinds import quantity
from labpass.workloads.kinds.document import Json, Object, items, mapping
from labpass.workloads.kinds.invalid import InvalidWorkload

GPU: Final = "nvidia.com/gpu"
MOST_GPUS: Final = 1024
"""More in one pod is a slip of the finger; the largest machines hold a few dozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """GPUs, processors and memory; what is not said is left to the namespace's defaults.

    GPUs and memory stand in the limits alone: Kubernetes copies them into the requests, so a pod is
    never killed for what its neighbours do. Processors are only requested: an idle one is nobody's
    loss.
    """

    gpus: int = 0
    cpu: str | None = None
    memory: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.gpus <= MOST_GPUS:
            raise InvalidWorkload("gpus", f"{self.gpus} is not between 0 and {MOST_GPUS}")
        if self.cpu is not None:
            quantity.check_cpu("cpu", self.cpu)
        if self.memory is not None:
            quantity.check_memory("memory", self.memory)

    def render(self) -> dict[str, Json]:
        """Return the container's ``resources``, without empty parts."""
        limits = {GPU: str(self.gpus)} if self.gpus else {}
        if self.memory:
            limits["memory"] = self.memory
        requests = {"cpu": self.cpu} if self.cpu else {}
        parts = {"limits": limits, "requests": requests}
        return {name: part for name, part in parts.items() if part}


def gpus_of(pod_spec: Object) -> int:
    """Return the GPUs of any maker that the containers of one pod are limited to."""
    return sum(
        _whole(amount)
        for container in items(pod_spec, "containers")
        for name, amount in mapping(container, "resources", "limits").items()
        if name.endswith("/gpu")
    )


def _whole(amount: Json) -> int:
    try:
        return int(quantity.parse("gpu", str(amount)))
    except InvalidWorkload:
        return 0
