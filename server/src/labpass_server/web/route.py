"""A row of a door's table: what is called where, and what it needs.

``needs`` has no default, so no route can be open by being forgotten; `app` refuses to start
otherwise.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette import routing
from starlette.requests import Request
from starlette.responses import Response

from labpass_server.model.role import Permission

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Public:
    """Needs nobody signed in, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path."""

    method: str
    path: str
    handler: Handler
    needs: Permission | Public


def mount(routes: Sequence[Route]) -> list[routing.BaseRoute]:
    """Return what Starlette serves; raises `ValueError` for a need without a reason."""
    for each in routes:
        if not (isinstance(each.needs, Permission) or each.needs.reason.strip()):
            raise ValueError(f"{each.method} {each.path} does not say why it is public")
    return [routing.Route(each.path, each.handler, methods=[each.method]) for each in routes]
