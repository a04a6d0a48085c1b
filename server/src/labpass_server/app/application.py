"""The ASGI application: every door's routes, and what stands around them."""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from labpass_server.app import health, limits, proxy, record
from labpass_server.settings import BehindProxy, Settings
from labpass_server.web import around, errors, route, site

_CA_PATH: Final = "/.well-known/labpass/ca.pem"


def build(
    settings: Settings,
    shared: site.Site,
    routes: Sequence[route.Route],
    *,
    others: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """Put it together; raises `ValueError` for a route that does not state its need.

    ``others`` are routes of a door that has checked its own table.
    """
    static = Route("/static/{path:path}", shared.assets.serve, methods=["GET"])
    return Starlette(
        routes=[*route.mount(routes), static, *others],
        middleware=_around(settings, shared),
        exception_handlers=errors.HANDLERS,
    )


def own_routes(watched: health.Health, authority: bytes | None) -> list[route.Route]:
    """Return what belongs to no door: health, and the private CA's certificate if there is one."""
    own = [
        route.Route("GET", "/livez", watched.live, route.Public("asked by whoever restarts us")),
        route.Route("GET", "/readyz", watched.ready, route.Public("asked by load balancers")),
    ]
    return own if authority is None else [*own, _publish(authority)]


def _around(settings: Settings, shared: site.Site) -> list[Middleware]:
    named = settings.transport.networks if isinstance(settings.transport, BehindProxy) else ()
    outermost = [Middleware(proxy.Client, networks=named)] if named else []
    return [
        *outermost,
        Middleware(record.Record),
        *around.middleware(shared),
        Middleware(proxy.Host, issuer=settings.issuer),
        Middleware(limits.Body),
    ]


def _publish(authority: bytes) -> route.Route:
    async def serve(request: Request) -> Response:
        del request
        return Response(
            authority,
            media_type="application/x-pem-file",
            headers={"Cache-Control": "public, max-age=3600"},
        )

    return route.Route(
        "GET", _CA_PATH, serve, route.Public("public knowledge; clients pin its fingerprint")
    )
