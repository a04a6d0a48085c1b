"""What is mine: ``/me``."""

from datetime import datetime
from typing import Final

from labpass_server.access.mine import Mine
from labpass_server.api.fields import Answer
from labpass_server.api.guard import Asked
from labpass_server.api.route import Route
from labpass_server.model.role import Permission


class MyRole(Answer):
    """A role I hold."""

    role: str
    scope: str
    project: str | None
    ends_at: datetime | None


class Me(Answer):
    """Who I am here."""

    handle: str
    display_name: str
    email: str | None
    roles: list[MyRole]
    session_expires_at: datetime


class MyProject(Answer):
    """A project I may use, on one cluster."""

    project: str
    cluster: str
    namespace: str
    role: str
    server: str | None
    ca: str | None
    audience: str
    username_prefix: str
    ends_at: datetime | None


class MyProjects(Answer):
    """My projects."""

    items: list[MyProject]


class Door:
    """The handlers."""

    def __init__(self, mine: Mine) -> None:
        self._mine = mine
        self.routes: Final = (
            Route("GET", "/me", self.me, Permission.SELF_READ),
            Route("GET", "/me/projects", self.projects, Permission.SELF_READ),
        )

    async def me(self, asking: Asked) -> Me:
        """Who I am, and which roles I hold."""
        roles = await self._mine.roles(asking.caller, now=asking.now)
        return Me(
            handle=asking.person.handle,
            display_name=asking.person.display_name,
            email=asking.person.email,
            roles=[
                MyRole(
                    role=each.role,
                    scope="organisation" if each.project is None else "project",
                    project=each.project,
                    ends_at=each.ends_at,
                )
                for each in roles
            ],
            session_expires_at=asking.session_expires_at,
        )

    async def projects(self, asking: Asked) -> MyProjects:
        """The projects I may use, with how to reach each."""
        return MyProjects(
            items=[
                MyProject(
                    project=each.project,
                    cluster=each.cluster.name,
                    namespace=each.namespace,
                    role=each.role,
                    server=each.cluster.server,
                    ca=each.cluster.certificate_authority,
                    audience=each.cluster.audience,
                    username_prefix=each.cluster.username_prefix,
                    ends_at=each.ends_at,
                )
                for each in await self._mine.projects(asking.caller, now=asking.now)
            ]
        )
