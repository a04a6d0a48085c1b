"""One GET of `/api/v1` over the light wire, for commands that need no more of the API than that."""

from typing import Any, Final

import click

from labpass.commands import clock, signed_in, surroundings
from labpass.login import answers, wire
from labpass.login.steps import Request, Response
from labpass.login.wire import Wire
from labpass.problems import Forbidden, NotFound, NotSignedIn, Problem, Unreachable

KINDS: Final[dict[int, type[Problem]]] = {401: NotSignedIn, 403: Forbidden, 404: NotFound}


def get(ctx: click.Context, path: str) -> dict[str, Any]:
    """Return the JSON object at ``/api/v1<path>``. Raises what its refusal means."""
    here = surroundings.of(ctx)
    server = signed_in.server(ctx)
    token = signed_in.api_token(ctx)
    request = Request(
        url=f"{signed_in.api_audience(server)}{path}",
        headers={"Authorization": f"Bearer {token.reveal()}"},
    )
    with Wire(server, proxy=wire.proxy_for(server.url, here.environment)) as connection:
        response = connection.send(request)
        clock.compare(connection.dated, now=here.now())
    if response.status != 200:  # noqa: PLR2004 -- OK
        raise _refusal(response, server.url)
    return answers.json_of(response, server.url)


def items(ctx: click.Context, path: str) -> list[dict[str, Any]]:
    """Return the items of the list at ``/api/v1<path>``."""
    found = get(ctx, path).get("items")
    if not isinstance(found, list):
        raise answers.NotOurs("The server answered a list without items.")
    return [one for one in found if isinstance(one, dict)]


def _refusal(response: Response, url: str) -> Problem:
    """Read an RFC 9457 problem."""
    found = answers.json_of(response, url)
    words = answers.printable(found.get("detail") or found.get("title") or response.status)
    return KINDS.get(response.status, Unreachable if response.status >= 500 else Problem)(  # noqa: PLR2004 -- 5xx
        f"{url}: {words}"
    )
