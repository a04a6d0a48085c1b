"""From withdrawing a rule to the API server's refusal, with a hundred projects on one cluster."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
from bench.table import Row

from testbed import waiting
from testbed.desk import Desk
from testbed.document import Document

PROJECTS = 100
AIM_MS = 500
PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The REST API as the administrator, and the API server as alice."""

    api: httpx2.Client
    cluster: httpx2.Client
    cluster_name: str

    def may_list(self, project: str) -> bool:
        """Ask the API server whether alice may list the jobs of a project."""
        path = f"/apis/batch/v1/namespaces/{namespace(project)}/jobs"
        status = self.cluster.get(path, params={"limit": "1"}).status_code
        if status not in {httpx2.codes.OK, httpx2.codes.FORBIDDEN}:
            raise RuntimeError(f"the API server answered {status}")
        return status == httpx2.codes.OK


def namespace(project: str) -> str:
    """Return the namespace of a project."""
    return f"labpass-{project}"


def measure(document: Document, admin: Desk, alice: Desk) -> list[float]:
    """Withdraw a rule in every project, one after the other; return seconds, the longest last."""
    with _door(document, admin, alice) as door:
        rules = {name: _grant(door, name) for name in _names()}
        for name in rules:
            waiting.until(partial(door.may_list, name), seconds=PATIENCE, what=name)
        return sorted(_withdraw(door, name, rule) for name, rule in rules.items())


def rows(took: list[float]) -> list[Row]:
    """Return the one row."""
    p50, p99 = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    return [
        Row(
            what=f"rule withdrawn until the API server refuses, {PROJECTS} projects",
            ours=f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
            aim=f"p99 < {AIM_MS} ms",
            is_met=p99 < AIM_MS,
        )
    ]


def _names() -> Iterator[str]:
    return (f"bench-{number:03}" for number in range(PROJECTS))


def _grant(door: Door, name: str) -> str:
    """Make a project in which alice is a researcher; return the rule's id."""
    project = {"name": name, "clusters": [door.cluster_name]}
    door.api.post("/projects", json=project).raise_for_status()
    rule = {"person": "alice", "role": "researcher", "scope": "project", "project": name}
    made = door.api.post("/rules", json=rule)
    made.raise_for_status()
    return str(made.json()["id"])


def _withdraw(door: Door, name: str, rule: str) -> float:
    """Return how long after the request was sent the API server first refused.

    It is asked without a pause meanwhile, by another thread: an answer takes some milliseconds.
    """
    refused: list[float] = []

    def ask() -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not door.may_list(name):
                refused.append(time.monotonic())
                return

    asking = threading.Thread(target=ask)
    asking.start()
    sent = time.monotonic()
    door.api.delete(f"/rules/{rule}").raise_for_status()
    asking.join()
    return refused[0] - sent


@contextmanager
def _door(document: Document, admin: Desk, alice: Desk) -> Iterator[Door]:
    assert document.labpass is not None
    url = f"{document.labpass.issuer}/api/v1"
    with (
        _client(url, document.labpass.ca, _token(admin, url)) as api,
        as_alice(document, alice) as cluster,
    ):
        yield Door(api=api, cluster=cluster, cluster_name=document.clusters[0].name)


def as_alice(document: Document, alice: Desk) -> httpx2.Client:
    """Return a client of the first cluster's API server with alice's own token."""
    cluster = document.clusters[0]
    assert cluster.audience is not None
    return _client(cluster.server, cluster.ca, _token(alice, cluster.audience))


def _client(url: str, ca: Path, token: str) -> httpx2.Client:
    context = ssl.create_default_context(cafile=str(ca))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.Client(base_url=url, verify=context, headers=headers, trust_env=False, timeout=30)


def _token(desk: Desk, audience: str) -> str:
    return desk.ask("labpass", "auth", "token", "--audience", audience).out.strip()
