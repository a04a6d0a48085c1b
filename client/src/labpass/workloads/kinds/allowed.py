"""The kinds of object that a person may submit from a file of their own.

What the permission sets let a person create, no more (a test compares the two): for anything else
the API server would say no anyway, after a part of the file had been created.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind, where it is posted, and where in it the pods it makes are described.

    ``templates`` are the paths whose ``metadata.labels`` end on a pod or on a job that makes some.
    """

    api_version: str
    name: str
    resource: str
    makes_pods: bool = False
    templates: tuple[tuple[str, ...], ...] = ()

    def called(self, name: str) -> str:
        """Return what kubectl calls one object of this kind: ``job.batch/train``."""
        group = self.api_version.rpartition("/")[0]
        return f"{self.name.lower()}.{group}/{name}" if group else f"{self.name.lower()}/{name}"

    def collection(self, namespace: str) -> str:
        """Return the path of the objects of this kind in ``namespace``."""
        root = "/apis" if "/" in self.api_version else "/api"
        return f"{root}/{self.api_version}/namespaces/{namespace}/{self.resource}"


JOB: Final = Kind(
    api_version="batch/v1",
    name="Job",
    resource="jobs",
    makes_pods=True,
    templates=(("spec", "template"),),
)
POD: Final = Kind(api_version="v1", name="Pod", resource="pods", makes_pods=True)

KINDS: Final = (
    JOB,
    POD,
    Kind(api_version="v1", name="Service", resource="services"),
    Kind(api_version="v1", name="ConfigMap", resource="configmaps"),
    Kind(api_version="v1", name="Secret", resource="secrets"),
    Kind(api_version="v1", name="PersistentVolumeClaim", resource="persistentvolumeclaims"),
    Kind(api_version="resource.k8s.io/v1", name="ResourceClaim", resource="resourceclaims"),
    Kind(
        api_version="resource.k8s.io/v1",
        name="ResourceClaimTemplate",
        resource="resourceclaimtemplates",
    ),
)


def find(api_version: str, name: str) -> Kind | None:
    """Return the kind of an object, or None where nobody may submit it."""
    return next(
        (kind for kind in KINDS if (kind.api_version, kind.name) == (api_version, name)), None
    )


def spelled() -> str:
    """Return the list as words for a person."""
    *first, last = (kind.name for kind in KINDS)
    return f"{', '.join(first)} and {last}"
