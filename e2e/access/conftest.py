"""Rules that reach a real API server: use cases, the reconciler, the account behind its fence."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from labpass.kube import kubeconfig_entry
from labpass.kube.client import Client
from labpass.rollout import install, survey
from labpass.rollout.install import Connected
from labpass_server.access import clusters, founding, granting, projects, rules
from labpass_server.access.caller import Caller
from labpass_server.kit import clock, random
from labpass_server.kube.cluster import Cluster
from labpass_server.kube.probe import Probe
from labpass_server.model import cluster
from labpass_server.model.handle import Handle
from labpass_server.model.person import Person, PersonId
from labpass_server.model.project import PodSecurity
from labpass_server.model.role import RoleName
from labpass_server.reconcile import ports
from labpass_server.reconcile.reconciler import Reconciler
from labpass_server.signing.sealing import Sealer
from labpass_server.storage import database, migration
from testbed import document, lifecycle
from testbed.programs import Programs

T = TypeVar("T")
INSTALLATION = "reconciled"
ROOT = Caller(handle=Handle("root"))
PEOPLE = ("root", "alice", "bob", "carol")
_numbers = count()


class Replica:
    """One server's worth of access: use cases and the loop, on a thread of its own."""

    def __init__(self, url: str, sealer: Sealer, *, poll: timedelta) -> None:
        self.store = database.Database(url)
        self.sealer = sealer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.reconciler = self.call(self._make(poll))
        changed = self.reconciler.wake
        self.clusters = clusters.Clusters(
            store=self.store,
            canaries=None,  # type: ignore[arg-type] # nobody asks for a bundle here
            sealer=sealer,
            probe=Probe(),
            changed=changed,
        )
        self.projects = projects.Projects(store=self.store, changed=changed)
        self.rules = rules.Rules(store=self.store, changed=changed)
        self._task = asyncio.run_coroutine_threadsafe(self.reconciler.run(), self._loop)

    async def _make(self, poll: timedelta) -> Reconciler:
        return Reconciler(
            ports.World(
                store=self.store,
                sealer=self.sealer,
                reach=Cluster,
                holder=random.identifier(),
                clock=clock.now,
                poll=poll,
            )
        )

    def call(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(wait(), self._loop).result(30)

    def wake(self) -> None:
        self._loop.call_soon_threadsafe(self.reconciler.wake)

    def freeze(self) -> None:
        """Stop working without letting go of anything, as a process that was killed."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def close(self) -> None:
        if not self._thread.is_alive():
            self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            self._thread.start()
        self._task.cancel()
        self.call(asyncio.sleep(0.05))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self.store.close()

    def record(self, name: str) -> cluster.Cluster:
        new = clusters.NewCluster(
            name=name,
            server=None,
            certificate_authority=None,
            username_prefix=cluster.PREFIX,
            algorithm=cluster.Algorithm.RS256,
        )
        return self.call(self.clusters.add(ROOT, new, now=clock.now())).record

    def connect(self, name: str, connected: Connected) -> None:
        new = clusters.NewConnection(
            server=connected.server,
            certificate_authority=connected.ca_pem,
            token=connected.token,
            token_expires_at=connected.token_expires_at,
            installed_definition=connected.installed_definition,
        )
        self.call(self.clusters.connect(ROOT, name, new, now=clock.now()))

    def project(self, *places: str, name: str | None = None, namespace: str | None = None) -> str:
        """Make a project with a name nobody had, on these clusters."""
        chosen = name or f"project-{next(_numbers)}"
        new = projects.NewProject(
            name=chosen,
            clusters=places,
            namespace=namespace,
            is_hidden=False,
            pod_security=PodSecurity.BASELINE,
        )
        self.call(self.projects.add(ROOT, new, now=clock.now()))
        return chosen

    def grant(
        self, person: str, project: str | None, role: str = "researcher", **more: Any
    ) -> rules.Shown:
        new = granting.NewRule(
            person=person,
            role=RoleName(role),
            project=project,
            ends_at=more.get("ends_at"),
            reason="",
        )
        return self.call(self.rules.add(ROOT, new, now=clock.now()))

    def withdraw(self, given: rules.Shown) -> None:
        self.call(self.rules.withdraw(ROOT, given.rule.id, now=clock.now()))

    def problems(self, name: str) -> list[str]:
        shown = self.call(self.clusters.get(ROOT, name, now=clock.now()))
        return [each.reason for each in shown.last_pass.problems] if shown.last_pass else []


class Court:
    """Asks the API server itself, as its administrator."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def allows(self, person: str, namespace: str, verb: str = "create") -> bool:
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": f"labpass:{person}",
                "resourceAttributes": {
                    "verb": verb,
                    "group": "batch",
                    "resource": "jobs",
                    "namespace": namespace,
                },
            },
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        return bool(self.client.request("POST", path, body=body)["status"]["allowed"])

    def until(self, holds: Callable[[], bool], seconds: float = 20) -> float:
        """Poll until something holds; return how long it took."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() < began + seconds, "it did not come"
            time.sleep(0.002)
        return time.monotonic() - began

    def namespace(self, name: str) -> Any:
        return self.client.get(f"/api/v1/namespaces/{name}")

    def bindings(self, namespace: str) -> dict[str, Any]:
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings"
        return {each["metadata"]["name"]: each for each in self.client.list(path)}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A cluster with Labpass in it, and its account's token. It carries one installation only."""

    cluster: document.Cluster
    court: Court
    connected: Connected


@contextmanager
def staged(programs: Programs, state: Path) -> Iterator[Stage]:
    wanted = lifecycle.Wanted(state=state, programs=programs, bare=True)
    with lifecycle.running(wanted) as found:
        one = found.clusters[0]
        entry = kubeconfig_entry.load(Path(one.admin_kubeconfig))
        with Client.from_entry(entry) as client:
            yield Stage(cluster=one, court=Court(client), connected=installed(client))


def installed(client: Client) -> Connected:
    """Install as an administrator does; what comes back is our own account's token."""
    wanted = survey.Wanted(
        installation=INSTALLATION, username_prefix="labpass:", groups_prefix="labpass:"
    )
    return install.install(client, survey.survey(client, wanted), progress=lambda _: None)


@pytest.fixture(scope="session")
def stage(programs: Programs, testbed_states: Callable[[str], Path]) -> Iterator[Stage]:
    """The cluster that one server works on."""
    with staged(programs, testbed_states("reconciled")) as made:
        yield made


@pytest.fixture(scope="session")
def shared_stage(programs: Programs, testbed_states: Callable[[str], Path]) -> Iterator[Stage]:
    """The cluster that two servers over one database work on."""
    with staged(programs, testbed_states("shared")) as made:
        yield made


@pytest.fixture(scope="session")
def court(stage: Stage) -> Court:
    return stage.court


@pytest.fixture(scope="session")
def connected(stage: Stage) -> Connected:
    return stage.connected


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    return Sealer(bytes(range(32)))


def furnish(store: database.Database) -> None:
    """Bring a new database to the state after the set-up link."""
    migration.migrate(store.engine)
    now = clock.now()

    def work(tx: Any) -> None:
        tx.installation.begin(INSTALLATION, b"0" * 32, now)
        for name in PEOPLE:
            person = Person(
                id=PersonId(f"id-{name}"),
                handle=Handle(name),
                display_name=name,
                email=None,
                is_disabled=False,
                password_is_temporary=False,
                created_at=now,
            )
            tx.people.add(person, None)
        founding.found(tx, Handle("root"), now=now)

    store.write_now(work)


@pytest.fixture(scope="session")
def several() -> Callable[..., AbstractContextManager[list[Replica]]]:
    """Make replicas over one new database."""
    return replicas


@contextmanager
def replicas(url: str, sealer: Sealer, number: int) -> Iterator[list[Replica]]:
    poll = timedelta(milliseconds=100) if number > 1 else timedelta(seconds=5)
    furnished = database.Database(url)
    furnish(furnished)
    furnished.close()
    made = [Replica(url, sealer, poll=poll) for _ in range(number)]
    try:
        yield made
    finally:
        for each in made:
            each.close()


@pytest.fixture(scope="session")
def replica(
    tmp_path_factory: pytest.TempPathFactory, sealer: Sealer, connected: Connected
) -> Iterator[Replica]:
    """One server on SQLite, connected to the cluster as ``lab``."""
    file = tmp_path_factory.mktemp("labpass") / "labpass.db"
    with replicas(f"sqlite:///{file}", sealer, 1) as (made,):
        made.record("lab")
        made.connect("lab", connected)
        yield made
