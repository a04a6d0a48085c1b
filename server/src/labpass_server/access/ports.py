"""What the use cases of access need from the world. Adapters fit by shape; `app` joins them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from labpass.secret import Secret
from labpass_server.model import cluster, event, handle, person, project, rule

T = TypeVar("T")


class Clusters(Protocol):
    """Clusters at rest."""

    def add(self, cluster: cluster.Cluster) -> None:
        """Add a record."""
        ...

    def find(self, name: str) -> cluster.Cluster | None:
        """Find one by its name."""
        ...

    def find_by_id(self, cluster_id: cluster.ClusterId) -> cluster.Cluster | None:
        """Find one by its id."""
        ...

    def find_by_audience(self, audience: str) -> cluster.Cluster | None:
        """Find one by its audience."""
        ...

    def all(self) -> Sequence[cluster.Cluster]:
        """Return every cluster, by name."""
        ...

    def relocate(
        self, cluster_id: cluster.ClusterId, *, server: str, certificate_authority: str | None
    ) -> None:
        """Replace where kubeconfigs find it."""
        ...

    def remove(self, cluster_id: cluster.ClusterId) -> None:
        """Remove the record with all that hangs on it."""
        ...

    def connect(self, connection: cluster.Connection) -> None:
        """Replace how it is reached."""
        ...

    def disconnect(self, cluster_id: cluster.ClusterId) -> None:
        """Forget how it is reached."""
        ...

    def connection(self, cluster_id: cluster.ClusterId) -> cluster.Connection | None:
        """Return how it is reached."""
        ...

    def last_pass(self, cluster_id: cluster.ClusterId) -> cluster.Pass | None:
        """Return what the last pass left to say."""
        ...

    def record_pass(self, done: cluster.Pass) -> None:
        """Replace what the last pass left to say."""
        ...


class Projects(Protocol):
    """Projects at rest."""

    def add(self, project: project.Project) -> None:
        """Add one."""
        ...

    def replace(self, project: project.Project) -> None:
        """Replace all but its id, name and creation."""
        ...

    def remove(self, project_id: project.ProjectId) -> None:
        """Remove one with its rules."""
        ...

    def find(self, name: str) -> project.Project | None:
        """Find one by its name."""
        ...

    def find_by_id(self, project_id: project.ProjectId) -> project.Project | None:
        """Find one by its id."""
        ...

    def all(self) -> Sequence[project.Project]:
        """Return every project, by name."""
        ...

    def are_on(self, cluster_id: cluster.ClusterId, ids: Sequence[project.ProjectId]) -> bool:
        """Whether any of them has a namespace on the cluster."""
        ...


class Rules(Protocol):
    """Rules at rest."""

    def add(self, rule: rule.Rule) -> None:
        """Add one."""
        ...

    def replace(self, rule: rule.Rule) -> None:
        """Replace all but its id."""
        ...

    def remove(self, rule_id: rule.RuleId) -> None:
        """Remove one."""
        ...

    def find(self, rule_id: str) -> rule.Rule | None:
        """Find one by its id."""
        ...

    def of(self, subject: rule.Subject) -> Sequence[rule.Rule]:
        """Return the rules about one subject."""
        ...

    def all(self) -> Sequence[rule.Rule]:
        """Return every rule."""
        ...

    def next_end(self, now: datetime) -> datetime | None:
        """Return when the next rule ends by itself."""
        ...

    def barred(self) -> frozenset[handle.Handle]:
        """Return the people whose rules give nothing."""
        ...


class Revisions(Protocol):
    """The count of changes."""

    def current(self) -> int:
        """Return the revision."""
        ...

    def bump(self) -> int:
        """Count a change."""
        ...


class People(Protocol):
    """People, as far as access asks for them."""

    def find(self, person_id: person.PersonId) -> person.Person | None:
        """Find one by their id."""
        ...

    def find_by_handle(self, handle: str) -> person.Person | None:
        """Find one by their handle."""
        ...


class Events(Protocol):
    """The list of what happened."""

    def add(self, event: event.Event) -> None:
        """Append one."""
        ...


class Installation(Protocol):
    """This installation."""

    def find(self) -> str | None:
        """Return its id, once there is one."""
        ...


class Transaction(Protocol):
    """One unit of work over what access keeps."""

    @property
    def clusters(self) -> Clusters:
        """Clusters."""
        ...

    @property
    def projects(self) -> Projects:
        """Projects."""
        ...

    @property
    def rules(self) -> Rules:
        """Rules."""
        ...

    @property
    def revisions(self) -> Revisions:
        """The count of changes."""
        ...

    @property
    def people(self) -> People:
        """People."""
        ...

    @property
    def events(self) -> Events:
        """What happened."""
        ...

    @property
    def installation(self) -> Installation:
        """This installation."""
        ...


class Store(Protocol):
    """Runs units of work; each is a sync function without network inside."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that does not write."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work and keep all of it, or nothing."""
        ...


class Canary(Protocol):
    """Two tokens that prove a cluster's trust: one made out for it, one for a wrong audience."""

    @property
    def token(self) -> Secret:
        """Made out for the cluster."""
        ...

    @property
    def wrong_audience_token(self) -> Secret:
        """Made out for nobody."""
        ...

    @property
    def handle(self) -> str:
        """The reserved handle in them."""
        ...

    @property
    def groups(self) -> tuple[str, ...]:
        """The reserved groups in them."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When they end."""
        ...


class Canaries(Protocol):
    """Issues canary tokens: reserved handle and group, no rights anywhere."""

    async def issue(self, target: cluster.Target, *, lifetime: timedelta, now: datetime) -> Canary:
        """Issue a pair of them."""
        ...


class Sealer(Protocol):
    """Seals what a thief of the database must not read."""

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Seal; ``purpose`` must be the same at the opening."""
        ...

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Open what was sealed for the same purpose."""
        ...


class Probe(Protocol):
    """Tries a connection before it is believed."""

    async def version(self, credential: cluster.Credential) -> str:
        """Return the cluster's version as our own account sees it.

        Raises `Invalid` for an address, certificate authority or token that cannot be right, and
        `Unavailable` when the cluster does not answer.
        """
        ...
