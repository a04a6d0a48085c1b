"""One cluster as the reconciler works on it: observe, carry out a step, renew our own token."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from labpass.cluster import names
from labpass.secret import Secret
from labpass_server.kube import spelling
from labpass_server.kube.wire import USUAL, Json, Limits, Wire, is_token, understood
from labpass_server.model import errors, plan
from labpass_server.model.cluster import Credential
from labpass_server.model.found import Found, FoundNamespace
from labpass_server.model.objects import Namespace, RoleBinding

_BINDINGS: Final = "/apis/rbac.authorization.k8s.io/v1"
_APPLY: Final = "application/apply-patch+yaml"
_MERGE: Final = "application/merge-patch+json"
_MANAGER: Final = {"fieldManager": names.MANAGER}
_FORCE: Final = {"fieldManager": names.MANAGER, "force": "true"}
_VERSION: Final = re.compile(r"v[0-9][A-Za-z0-9.+_-]{0,62}")


class Cluster:
    """A cluster behind one credential; close it when done."""

    def __init__(self, credential: Credential, limits: Limits = USUAL) -> None:
        self._wire = Wire(credential, limits)

    async def observe(self, installation: str, wanted: Collection[str]) -> Found:
        """Return what is there: our namespaces, those of the wanted names, and their bindings."""
        with understood():
            there = await self._namespaces(installation, wanted)
            mounts = await self._mounts(there)
            bindings = [
                spelling.found_binding(body)
                async for body in self._wire.pages(f"{_BINDINGS}/rolebindings", {})
                if body["metadata"]["namespace"] in there
            ]
        return Found(
            namespaces=tuple(
                replace(each, token_mount_is_off=mounts.get(name)) for name, each in there.items()
            ),
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
        version = body.get("gitVersion")
        if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
            raise errors.Unavailable("the API server does not say which version it is")
        return version

    async def who(self) -> str:
        """Return our user name as the API server sees it."""
        body = await self._wire.send(
            "POST",
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            body={"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
        )
        with understood():
            return str(body["status"]["userInfo"]["username"])

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
        with understood():
            token, ends = body["status"]["token"], body["status"]["expirationTimestamp"]
            if not is_token(token):
                raise errors.Unavailable("the API server gives no token that can be used")
            return Secret(token), datetime.fromisoformat(ends).astimezone(UTC)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def _namespaces(
        self, installation: str, wanted: Collection[str]
    ) -> dict[str, FoundNamespace]:
        ours = {"labelSelector": f"{names.INSTALLATION}={installation}"}
        bodies = self._wire.pages("/api/v1/namespaces", ours)
        found = [spelling.found_namespace(body) async for body in bodies]
        listed = {each.name for each in found}
        for name in wanted:
            if name not in listed:
                found += await self._looked_up(name)
        return {each.name: each for each in found}

    async def _looked_up(self, name: str) -> list[FoundNamespace]:
        try:
            body = await self._wire.send("GET", f"/api/v1/namespaces/{name}")
        except errors.NotFound:
            return []
        return [spelling.found_namespace(body)]

    async def _mounts(self, there: Collection[str]) -> dict[str, bool]:
        """Tell for each namespace with a ``default`` account whether that mounts no token."""
        chosen = {"fieldSelector": "metadata.name=default"}
        return {
            body["metadata"]["namespace"]: body.get("automountServiceAccountToken") is False
            async for body in self._wire.pages("/api/v1/serviceaccounts", chosen)
            if body["metadata"]["namespace"] in there
        }

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
