"""The application of `/api/v1`, built from one table."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import Mount

from labpass_server.api import problems
from labpass_server.api.guard import Guard
from labpass_server.api.route import Route
from labpass_server.model import errors
from labpass_server.model.role import Permission
from labpass_server.web import around
from labpass_server.web.route import Public

PREFIX: Final = "/api/v1"
_NO_CONTENT: Final = 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The door, and its whole table."""

    table: tuple[Route, ...]
    app: FastAPI

    @property
    def mount(self) -> Mount:
        """What goes into the server's own routes."""
        return Mount(PREFIX, self.app)


def build(routes: Iterable[Route], guard: Guard) -> Door:
    """Make the application; raises `ValueError` for a route that does not state its need."""
    app = FastAPI(
        title="Labpass",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=dict(problems.HANDLERS),
        middleware=[Middleware(around.Crashes)],
    )

    async def describe(request: Request) -> JSONResponse:
        """Describe this API by OpenAPI."""
        del request
        return JSONResponse(app.openapi())

    own = Route("GET", "/openapi.json", describe, Public("describes what everybody may read"))
    table = (*routes, own)
    for each in table:
        _check(each)
        app.router.routes.append(_Guarded(each, guard))
    return Door(table=table, app=app)


class _Guarded(APIRoute):
    """A route that asks its guard before anything of the request is parsed."""

    def __init__(self, route: Route, guard: Guard) -> None:
        self._needs = route.needs
        self._attempt = f"{route.method} {route.path}"
        self._guard = guard
        model: dict[str, Any] = {"response_model": None} if route.status == _NO_CONTENT else {}
        super().__init__(
            route.path,
            route.handler,
            methods=[route.method],
            status_code=route.status,
            operation_id=f"{route.method.lower()}{route.path}",
            responses={"default": {"description": "a problem document (RFC 9457)"}},
            include_in_schema=isinstance(route.needs, Permission),
            **model,
        )

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                await self._guard.check(request, self._needs)
                self._refuse_strange_wishes(request)
                answer: Response = await inner(request)
            except errors.NotAllowed as refusal:
                await self._guard.note(request, self._attempt, refusal)
                raise
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return handle

    def _refuse_strange_wishes(self, request: Request) -> None:
        """Refuse a parameter that this route does not know, or one said twice.

        Whoever adds ``dry_run=true`` where there is none would otherwise delete what they look at.
        """
        known = {each.alias for each in self.dependant.query_params}
        for name in request.query_params:
            if name not in known or len(request.query_params.getlist(name)) > 1:
                raise errors.Invalid(name[:63], "this takes no such parameter, or takes it once")


def _check(route: Route) -> None:
    needs: Any = route.needs
    is_said = isinstance(needs, Permission) or (isinstance(needs, Public) and needs.reason.strip())
    if not is_said:
        raise ValueError(f"{route.method} {route.path} does not state what it needs")
