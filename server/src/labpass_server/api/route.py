"""A row of the table of `/api/v1`: what is called where, and what it needs.

``needs`` has no default, so no route can be open by being forgotten. The permission is looked for
at any scope before the body is even read; the use case then decides at the scope it is about.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from labpass_server.model.role import Permission
from labpass_server.web.route import Public

Handler: TypeAlias = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path below ``/api/v1``; ``status`` is that of success."""

    method: str
    path: str
    handler: Handler
    needs: Permission | Public
    status: int = 200
