"""One cluster as the reconciler works on it: observe, carry out a step, renew our own token."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from labpass.cluster import names
from labpass.secret import Secret
from labpass_server.kube import spelling
from labpass_server.kube.wire import Json, Wire
from labpass_server.model import errors, plan
from labpass_server.model.cluster import Credential
from labpass_server.model.found import Found, FoundNamespace
from labpass_server.model.objects import Namespace, RoleBinding

_BINDINGS: Final = "/apis/rbac.authorization.k8s.io/v1"
_APPLY: Final = "application/apply-patch+yaml"
_MERGE: Final = "application/merge-patch+json"
_MANAGER: Final = {"fieldManager": names.MANAGER}
_FORCE: Final = {"fieldManager": names.MANAGER, "force": "true"}


class Cluster:
    """A cluster behind one credential; close it when done."""

    def __init__(self, credential: Credential) -> None:
        self._wire = Wire(credential)

    async def observe(self, installation: str, wanted: Collection[str]) -> Found:
        """Return what is there: our namespaces, those of the wanted names, and their bindings."""
        ours = {"labelSelector": f"{names.INSTALLATION}={installation}"}
        bodies: dict[str, Json] = {}
        async for body in self._wire.pages("/api/v1/namespaces", ours):
            bodies[body["metadata"]["name"]] = body
        for name in wanted:
            if name not in bodies:
                await self._look_up(name, bodies)
        mounts = await self._mounts(bodies)
        bindings = [
            spelling.found_binding(body)
            async for body in self._wire.pages(f"{_BINDINGS}/rolebindings", {})
            if body["metadata"]["namespace"] in bodies
        ]
        return Found(
            namespaces=tuple(self._namespace(body, mounts) for body in bodies.values()),
            bindings=tuple(bindings),
        )

    async def carry_out(self, step: plan.Step) -> None:
        """Do one step. Raises what the API server said; a deletion of what is gone is done."""
        match step:
            case plan.Create(item=item):
                await self._create(item)
            case plan.Apply(item=item):
                await self._apply(item)
            case plan.Delete(namespace=namespace, name=name):
                await self._delete(namespace, name)
            case plan.SwitchOffTokenMount(namespace=namespace):
                await self._wire.send(
                    "PATCH",
                    f"/api/v1/namespaces/{namespace}/serviceaccounts/default",
                    params=_MANAGER,
                    body={"automountServiceAccountToken": False},
                    content_type=_MERGE,
                )
            case other:
                assert_never(other)

    async def version(self) -> str:
        """Return the version of the API server, which says so to everybody."""
        body = await self._wire.send("GET", "/version")
        return str(body.get("gitVersion", ""))

    async def who(self) -> str:
        """Return our user name as the API server sees it."""
        body = await self._wire.send(
            "POST",
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            body={"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
        )
        return str(body["status"]["userInfo"]["username"])

    async def is_allowed(self, user: str, verb: str, resource: str, namespace: str) -> bool:
        """Ask the API server whether somebody may do a thing; ``resource`` is ``GROUP/PLURAL``."""
        group, _, plural = resource.rpartition("/")
        body = await self._wire.send(
            "POST",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            body={
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": {
                    "user": user,
                    "resourceAttributes": {
                        "verb": verb,
                        "group": group,
                        "resource": plural,
                        "namespace": namespace,
                    },
                },
            },
        )
        return bool(body["status"]["allowed"])

    async def renew(self, lifetime: timedelta) -> tuple[Secret, datetime]:
        """Return a new token of our account and when it ends, which the cluster may shorten."""
        body = await self._wire.send(
            "POST",
            f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}/serviceaccounts/{names.ACCOUNT}/token",
            body={
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenRequest",
                "spec": {"expirationSeconds": int(lifetime.total_seconds())},
            },
        )
        ends = datetime.fromisoformat(body["status"]["expirationTimestamp"])
        return Secret(body["status"]["token"]), ends.astimezone(UTC)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def _look_up(self, name: str, bodies: dict[str, Json]) -> None:
        try:
            bodies[name] = await self._wire.send("GET", f"/api/v1/namespaces/{name}")
        except errors.NotFound:
            return

    async def _mounts(self, bodies: Collection[str]) -> dict[str, bool]:
        """Tell for each namespace with a ``default`` account whether that mounts no token."""
        chosen = {"fieldSelector": "metadata.name=default"}
        return {
            body["metadata"]["namespace"]: body.get("automountServiceAccountToken") is False
            async for body in self._wire.pages("/api/v1/serviceaccounts", chosen)
            if body["metadata"]["namespace"] in bodies
        }

    def _namespace(self, body: Json, mounts: dict[str, bool]) -> FoundNamespace:
        name = body["metadata"]["name"]
        return spelling.found_namespace(body, token_mount_is_off=mounts.get(name))

    async def _create(self, item: Namespace | RoleBinding) -> None:
        path, body = _spell(item)
        await self._wire.send("POST", path, params=_MANAGER, body=body)

    async def _apply(self, item: Namespace | RoleBinding) -> None:
        path, body = _spell(item)
        await self._wire.send(
            "PATCH", f"{path}/{item.name}", params=_FORCE, body=body, content_type=_APPLY
        )

    async def _delete(self, namespace: str, name: str) -> None:
        try:
            await self._wire.send("DELETE", f"{_bindings(namespace)}/{name}")
        except errors.NotFound:
            return


def _spell(item: Namespace | RoleBinding) -> tuple[str, Json]:
    if isinstance(item, Namespace):
        return "/api/v1/namespaces", spelling.namespace(item)
    return _bindings(item.namespace), spelling.binding(item)


def _bindings(namespace: str) -> str:
    return f"{_BINDINGS}/namespaces/{namespace}/rolebindings"
