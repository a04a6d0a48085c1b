"""Which path a kind has: asked of the API server, once per API version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labpass import problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind's place in the API."""

    api_version: str
    plural: str
    is_namespaced: bool

    def collection(self, namespace: str) -> str:
        """Return the path of its collection, in a namespace where it has one."""
        root = root_of(self.api_version)
        if not self.is_namespaced:
            return f"{root}/{self.plural}"
        if not namespace:
            raise problems.UsageProblem(f"{self.plural} need a namespace")
        return f"{root}/namespaces/{namespace}/{self.plural}"


class Resources:
    """The API server's kinds, remembered for as long as this lives."""

    def __init__(self, get: Callable[[str], Mapping[str, Any]]) -> None:
        self._get = get
        self._known: dict[str, dict[str, Resource]] = {}

    def get(self, api_version: str, kind: str) -> Resource:
        """Return the resource of a kind; `problems.NotFound` when this cluster has none."""
        if api_version not in self._known:
            self._known[api_version] = self._ask(api_version)
        try:
            return self._known[api_version][kind]
        except KeyError:
            message = f"this cluster has no {kind} of {api_version}"
            raise problems.NotFound(message) from None

    def _ask(self, api_version: str) -> dict[str, Resource]:
        try:
            listed = self._get(root_of(api_version))["resources"]
        except problems.NotFound as e:
            raise problems.NotFound(f"this cluster has no {api_version}") from e
        return {
            item["kind"]: Resource(
                api_version=api_version, plural=item["name"], is_namespaced=item["namespaced"]
            )
            for item in listed
            if "/" not in item["name"]
        }


def root_of(api_version: str) -> str:
    """Return the path under which an API version stands."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
