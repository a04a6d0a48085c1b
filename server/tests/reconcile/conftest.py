"""A server's worth of reconciling over a real database; the cluster alone is a double.

The double is the port `reconcile.ports.Cluster` over two dictionaries, with what a real API server
cannot be made to do: fail at the n-th step, be busy, end a process half way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from labpass.secret import Secret
from labpass_server.model import cluster as model
from labpass_server.model import errors, found, plan, project, rule
from labpass_server.model.handle import Handle
from labpass_server.model.objects import Namespace, RoleBinding
from labpass_server.model.role import RoleName
from labpass_server.reconcile.ports import World
from labpass_server.reconcile.worker import Worker
from labpass_server.signing.sealing import Sealer
from labpass_server.storage.database import Database

INSTALLATION = "i1"
LAB = model.ClusterId("lab-id")
Hook = Callable[[plan.Step], Awaitable[None]]


class Killed(BaseException):
    """The process ends here."""


async def _nothing(_: plan.Step) -> None:
    return


@dataclass
class Double:
    """One cluster. ``before`` runs before each step and may raise, or change the world."""

    namespaces: dict[str, found.FoundNamespace] = field(default_factory=dict)
    bindings: dict[tuple[str, str], found.FoundBinding] = field(default_factory=dict)
    steps: list[plan.Step] = field(default_factory=list)
    before: Hook = _nothing
    looks: int = 0
    closed: int = 0
    on_look: Callable[[], None] = lambda: None
    renewal: Callable[[], tuple[Secret, datetime]] | None = None

    async def observe(self, installation: str, wanted: Collection[str]) -> found.Found:
        self.looks += 1
        self.on_look()
        seen = {
            each.name: each
            for each in self.namespaces.values()
            if each.installation == installation or each.name in wanted
        }
        return found.Found(
            namespaces=tuple(seen.values()),
            bindings=tuple(each for each in self.bindings.values() if each.namespace in seen),
        )

    async def carry_out(self, step: plan.Step) -> None:
        await self.before(step)
        self.steps.append(step)
        match step:
            case plan.Create(item=Namespace() as item):
                if item.name in self.namespaces:
                    raise errors.Conflict("exists")
                self.namespaces[item.name] = found.of_namespace(item, token_mount_is_off=False)
            case plan.Apply(item=Namespace() as item):
                old = self.namespaces[item.name].token_mount_is_off
                self.namespaces[item.name] = found.of_namespace(item, token_mount_is_off=old)
            case plan.Create(item=RoleBinding() as item):
                if (item.namespace, item.name) in self.bindings:
                    raise errors.Conflict("exists")
                self.bindings[item.namespace, item.name] = found.of_binding(item)
            case plan.Apply(item=RoleBinding() as item):
                self.bindings[item.namespace, item.name] = found.of_binding(item)
            case plan.Delete(namespace=namespace, name=name):
                self.bindings.pop((namespace, name), None)
            case plan.SwitchOffTokenMount(namespace=namespace):
                there = self.namespaces[namespace]
                self.namespaces[namespace] = replace(there, token_mount_is_off=True)
            case _:
                raise AssertionError(step)

    async def renew(self, lifetime: timedelta) -> tuple[Secret, datetime]:
        del lifetime
        if self.renewal is None:
            raise errors.NotAllowed("no")
        return self.renewal()

    async def close(self) -> None:
        self.closed += 1

    def who(self, permission_set: str, namespace: str = "labpass-p0") -> set[str]:
        """Who holds a set there now."""
        return {
            subject.removeprefix("labpass:")
            for each in self.bindings.values()
            if each.namespace == namespace and each.cluster_role == f"labpass-{permission_set}"
            for subject in each.subjects
        }


class Stopwatch:
    """Elapsed time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Estate:
    """The database, the cluster, and replicas over them."""

    store: Database
    sealer: Sealer
    clock: Any
    elapsed: Stopwatch
    run: Callable[[Awaitable[Any]], Any]
    double: Double = field(default_factory=Double)
    reached: list[model.Credential] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def world(self, holder: str, **more: Any) -> World:
        return World(
            **{
                "store": self.store,
                "sealer": self.sealer,
                "reach": self.reach,
                "holder": holder,
                "clock": self.clock,
                "elapsed": self.elapsed,
                "poll": timedelta(milliseconds=5),
                **more,
            }
        )

    def reach(self, credential: model.Credential) -> Double:
        self.reached.append(credential)
        return self.double

    def worker(self, holder: str = "one", **more: Any) -> Worker:
        return Worker(LAB, self.world(holder, **more))

    def turn(self, worker: Worker) -> timedelta:
        """Let a worker take its turn."""
        rest: timedelta = self.run(worker.turn())
        return rest

    def settle(self, worker: Worker) -> None:
        """Take turns until nothing is left to do."""
        for _ in range(10):
            before = len(self.double.steps)
            self.turn(worker)
            if len(self.double.steps) == before:
                return
        raise AssertionError("it never settles")

    def later(self, **by: float) -> None:
        """Let time go by, on every clock."""
        self.clock.turn(**by)
        self.elapsed.seconds += timedelta(**by).total_seconds()

    def connect(self, token: str = "t0ken", server: str = "https://lab") -> None:
        now = self.clock()
        sealed = self.sealer.seal(token.encode(), purpose=model.token_purpose(LAB))

        def work(tx: Any) -> None:
            tx.revisions.bump()
            tx.clusters.connect(
                model.Connection(
                    cluster_id=LAB,
                    server=server,
                    certificate_authority=None,
                    sealed_token=sealed,
                    token_expires_at=now + timedelta(days=30),
                    token_renewed_at=now,
                    kubernetes_version="v1.36.3",
                    installed_definition="d",
                )
            )

        self.store.write_now(work)

    def project(self) -> project.ProjectId:
        name = f"p{next(self.numbers)}"
        made = project.Project(
            id=project.ProjectId(f"id-{name}"),
            name=name,
            is_hidden=False,
            pod_security=project.PodSecurity.BASELINE,
            placements=(project.Placement(cluster_id=LAB, namespace=f"labpass-{name}"),),
            created_at=self.clock(),
        )

        def work(tx: Any) -> None:
            tx.revisions.bump()
            tx.projects.add(made)

        self.store.write_now(work)
        return made.id

    def grant(self, person: str, where: str = "id-p0", role: str = "viewer") -> rule.RuleId:
        rule_id = rule.RuleId(f"rule-{next(self.numbers)}")

        def work(tx: Any) -> None:
            tx.rules.add(
                rule.Rule(
                    id=rule_id,
                    subject=rule.person(Handle(person)),
                    role=RoleName(role),
                    scope=rule.InProject(project.ProjectId(where)),
                    ends_at=None,
                    reason="",
                    created_by=Handle("root"),
                    created_at=self.clock(),
                    revision=tx.revisions.bump(),
                )
            )

        self.store.write_now(work)
        return rule_id

    def withdraw(self, rule_id: rule.RuleId) -> None:
        def work(tx: Any) -> None:
            tx.revisions.bump()
            tx.rules.remove(rule_id)

        self.store.write_now(work)

    @property
    def last(self) -> model.Pass:
        """What the last pass left to say."""
        said = self.store.write_now(lambda tx: tx.clusters.last_pass(LAB))
        assert said is not None
        return said

    @property
    def connection(self) -> model.Connection | None:
        return self.store.write_now(lambda tx: tx.clusters.connection(LAB))


@pytest.fixture
def estate(store: Database, sealer: Sealer, clock: Any, run: Any) -> Estate:
    """One connected cluster with one project."""
    made = Estate(store=store, sealer=sealer, clock=clock, elapsed=Stopwatch(), run=run)
    record = model.Cluster(
        id=LAB,
        name="lab",
        audience="labpass-lab-1",
        installation=INSTALLATION,
        server=None,
        certificate_authority=None,
        username_prefix="labpass:",
        groups_prefix="labpass:",
        algorithm=model.Algorithm.RS256,
        created_at=clock(),
    )
    store.write_now(lambda tx: tx.clusters.add(record))
    made.connect()
    made.project()
    return made


@pytest.fixture
def killed() -> type[BaseException]:
    """What ends a process half way."""
    return Killed


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Poll on the loop until something holds."""

    async def wait(holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110 -- what it waits for has no event
                await asyncio.sleep(0.002)

    return wait
