"""Is a policy active? Asked by dry runs that it must refuse; nothing is ever stored.

An API server reads new policies from its own watch, a moment after they are written. Several API
servers behind one address each have that moment: the dry runs go over fresh connections until a
row of them was refused.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from labpass import problems
from labpass.cluster import account, belongings, fence, names, namespaces, pods, prove
from labpass.kube import answers
from labpass.kube.client import Client

PAUSE: Final = 0.05
IN_A_ROW: Final = 3

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A request that one policy must refuse."""

    policy: str
    path: str
    body: Body
    method: str = "POST"
    content_type: str = "application/json"

    def is_refused(self, client: Client) -> bool:
        """Tell whether it was refused, and by this policy; raises when asking went wrong."""
        try:
            client.request(
                self.method,
                self.path,
                body=self.body,
                params={"dryRun": "All"},
                content_type=self.content_type,
            )
        except problems.Problem as e:
            error = answers.cause(e)
            if error is None:
                raise
            return f"'{self.policy}'" in error.message
        return False


def of_administrator(installation: str) -> tuple[Probe, ...]:
    """Return what an administrator tries: the policies that hold for everybody."""
    here = f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}"
    return (
        Probe(
            policy=prove.NAME,
            path=f"{here}/podtemplates",
            body=_pod_template({"labels": {names.SUBMITTED_BY: "canary"}}, {}),
        ),
        Probe(
            policy=pods.NAME,
            path=f"{here}/podtemplates",
            body=_pod_template({}, {"nodeName": "canary"}),
        ),
        Probe(
            policy=belongings.SECRETS,
            path=f"{here}/secrets",
            body={
                "metadata": {
                    "name": "labpass-probe",
                    "annotations": {"kubernetes.io/service-account.name": "default"},
                },
                "type": belongings.TOKEN_TYPE,
            },
        ),
        Probe(
            policy=namespaces.NAME,
            path="/api/v1/namespaces",
            body={
                "metadata": {
                    "name": "labpass-probe",
                    "labels": {names.PROJECT: "probe", names.INSTALLATION: f"not-{installation}"},
                }
            },
        ),
    )


def of_account() -> tuple[Probe, ...]:
    """Return what our account tries with its own token: every part of the fence."""
    foreign = "kube-system"
    ours = {"name": "labpass-probe", "labels": {names.MANAGED_BY: names.MANAGER}}
    return (
        Probe(
            policy=f"{fence.FENCE}namespaces",
            path="/api/v1/namespaces",
            body={"metadata": ours},
        ),
        Probe(
            policy=f"{fence.FENCE}bindings",
            path=f"/apis/{account.RBAC}/v1/namespaces/{foreign}/rolebindings",
            body={
                "metadata": ours,
                "roleRef": {
                    "apiGroup": account.RBAC,
                    "kind": "ClusterRole",
                    "name": names.cluster_role("view"),
                },
            },
        ),
        Probe(
            policy=f"{fence.FENCE}limits",
            path=f"/api/v1/namespaces/{foreign}/resourcequotas",
            body={"metadata": ours, "spec": {"hard": {"pods": "1"}}},
        ),
        Probe(
            policy=f"{fence.FENCE}default-account",
            path=f"/api/v1/namespaces/{foreign}/serviceaccounts/default",
            body={"automountServiceAccountToken": False},
            method="PATCH",
            content_type="application/merge-patch+json",
        ),
        Probe(
            policy=f"{fence.FENCE}token",
            path=f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}/serviceaccounts/{names.ACCOUNT}/token",
            body={"spec": {"expirationSeconds": fence.LONGEST_TOKEN + 1}},
        ),
    )


def wait(client: Client, probes: Sequence[Probe], *, patience: timedelta) -> Iterator[str]:
    """Yield each policy's name once it is active; raises `problems.TimedOut` after ``patience``."""
    until = time.monotonic() + patience.total_seconds()
    for probe in probes:
        _settle(client, probe, until)
        yield probe.policy


def _settle(client: Client, probe: Probe, until: float) -> None:
    in_a_row = 0
    while in_a_row < IN_A_ROW:
        if time.monotonic() > until:
            hint = "look at it with kubectl describe, and at the API servers' health; try again"
            raise problems.TimedOut(f"the policy {probe.policy} does not refuse what it must", hint)
        in_a_row = in_a_row + 1 if probe.is_refused(client) else 0
        client.close()  # the next one may reach another API server
        if in_a_row == 0:
            time.sleep(PAUSE)


def _pod_template(metadata: Body, spec: Body) -> Body:
    container = {"name": "probe", "image": "labpass.invalid/probe"}
    return {
        "metadata": {"name": "labpass-probe"},
        "template": {"metadata": metadata, "spec": {"containers": [container], **spec}},
    }
