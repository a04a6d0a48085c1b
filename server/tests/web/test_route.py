import pytest
from starlette.requests import Request
from starlette.responses import Response

from labpass_server.model.role import Permission
from labpass_server.web import route


async def nothing(request: Request) -> Response:
    return Response()


def test_a_route_says_what_it_needs() -> None:
    table = [route.Route("GET", "/a", nothing, Permission.RULE_READ)]
    assert len(route.mount(table)) == 1


def test_a_route_cannot_be_open_without_a_reason() -> None:
    with pytest.raises(ValueError, match="GET /a"):
        route.mount([route.Route("GET", "/a", nothing, route.Public(" "))])


def test_a_route_cannot_forget_its_need() -> None:
    with pytest.raises(TypeError):
        route.Route("GET", "/a", nothing)  # type: ignore[call-arg]
