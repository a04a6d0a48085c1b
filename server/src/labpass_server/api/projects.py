"""Projects: ``/projects``."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field

from labpass_server.access import projects as use
from labpass_server.api.fields import Answer, Body, Flag, InPath, Word
from labpass_server.api.guard import Asked
from labpass_server.api.route import Route
from labpass_server.model.project import PodSecurity
from labpass_server.model.role import Permission

Names = Annotated[list[Word], Field(max_length=100)]


class New(Body):
    """A new project."""

    name: Word
    clusters: Names = Field(default_factory=list)
    namespace: Word | None = None
    hidden: Flag = False
    pod_security: PodSecurity = PodSecurity.BASELINE


class Edit(Body):
    """What shall be different."""

    clusters: Names | None = None
    hidden: Flag | None = None
    pod_security: PodSecurity | None = None


class Place(Answer):
    """Its namespace on one cluster."""

    cluster: str
    namespace: str
    state: str


class Project(Answer):
    """A project; who may not read it sees no namespaces. ``grantors`` can give access to it."""

    name: str
    hidden: bool
    pod_security: str
    created_at: datetime
    namespaces: list[Place]
    grantors: list[str]


class Projects(Answer):
    """Projects."""

    items: list[Project]


class Door:
    """The handlers."""

    def __init__(self, projects: use.Projects) -> None:
        self._projects = projects
        self.routes: Final = (
            Route("GET", "/projects", self.all, Permission.PROJECT_LIST),
            Route("POST", "/projects", self.add, Permission.PROJECT_MANAGE, 201),
            Route("GET", "/projects/{name}", self.get, Permission.PROJECT_LIST),
            Route("PATCH", "/projects/{name}", self.change, Permission.PROJECT_WRITE),
            Route("DELETE", "/projects/{name}", self.remove, Permission.PROJECT_MANAGE),
        )

    async def all(self, asking: Asked) -> Projects:
        """Every project I may know of."""
        found = await self._projects.all(asking.caller, now=asking.now)
        return Projects(items=[_project(each) for each in found])

    async def get(self, asking: Asked, name: InPath) -> Project:
        """One project."""
        return _project(await self._projects.get(asking.caller, name, now=asking.now))

    async def add(self, asking: Asked, body: New) -> Project:
        """Make a project."""
        new = use.NewProject(
            name=body.name,
            clusters=tuple(body.clusters),
            namespace=body.namespace,
            is_hidden=body.hidden,
            pod_security=body.pod_security,
        )
        return _project(await self._projects.add(asking.caller, new, now=asking.now))

    async def change(self, asking: Asked, name: InPath, body: Edit) -> Project:
        """Change a project."""
        edit = use.Edit(
            is_hidden=body.hidden,
            pod_security=body.pod_security,
            clusters=None if body.clusters is None else tuple(body.clusters),
        )
        return _project(await self._projects.change(asking.caller, name, edit, now=asking.now))

    async def remove(self, asking: Asked, name: InPath) -> Project:
        """Remove a project with its rules; its namespaces, as answered, stay."""
        return _project(await self._projects.remove(asking.caller, name, now=asking.now))


def _project(shown: use.Shown) -> Project:
    return Project(
        name=shown.project.name,
        hidden=shown.project.is_hidden,
        pod_security=shown.project.pod_security,
        created_at=shown.project.created_at,
        namespaces=[
            Place(
                cluster=each.cluster,
                namespace=each.namespace,
                state="ready" if each.is_ready else "pending",
            )
            for each in shown.places
        ],
        grantors=list(shown.grantors),
    )
