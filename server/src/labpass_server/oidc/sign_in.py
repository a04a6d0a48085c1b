"""The pages of a sign-in: each form posts here and is answered with the next step."""

from starlette.requests import Request
from starlette.responses import Response

from labpass.secret import Secret
from labpass_server.identity import visit
from labpass_server.oidc import parameters, visiting
from labpass_server.oidc.door import Door
from labpass_server.oidc.parameters import Parameters
from labpass_server.web import csrf, page, pages


async def password(door: Door, request: Request) -> Response:
    """Take name and password."""
    given = await _form(request)
    progress = await door.sign_ins.authenticate(
        given.get_secret("transaction"),
        visit.Given(
            name=(given.find("username") or "").strip(),
            password=Secret(given.values.get("password", "")),
        ),
        visiting.visitor(request),
        now=door.now(),
    )
    return visiting.show(door, request, progress)


async def new_password(door: Door, request: Request) -> Response:
    """Take a new password in place of a temporary one."""
    given = await _form(request)
    progress = await door.sign_ins.change_password(
        given.get_secret("transaction"),
        Secret(given.values.get("new_password", "")),
        cookie=visiting.visitor(request).cookie,
        now=door.now(),
    )
    return visiting.show(door, request, progress)


async def confirm(door: Door, request: Request) -> Response:
    """Take the answer to whether a program may be answered."""
    given = await _form(request)
    progress = await door.sign_ins.confirm(
        given.get_secret("transaction"),
        is_yes=given.find("answer") == "yes",
        cookie=visiting.visitor(request).cookie,
        now=door.now(),
    )
    return visiting.show(door, request, progress)


async def cancel(door: Door, request: Request) -> Response:
    """Take back a code that was shown for another machine."""
    given = await _form(request)
    await door.sign_ins.cancel(given.get_secret("transaction"), now=door.now())
    return page.render(request, pages.Cancelled())


async def _form(request: Request) -> Parameters:
    """Return the form's fields; raises `NotAllowed` unless a page of ours sent it."""
    given = await parameters.of_body(request)
    given.refuse_repeated()
    csrf.check(request, given.find(csrf.FIELD))
    return given
