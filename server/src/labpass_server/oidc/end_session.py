"""The end-session endpoint: sign out, after asking unless an ID token of the person's says so.

No client has registered where to go afterwards yet, so nobody is sent anywhere: an unregistered
``post_logout_redirect_uri`` is how sign-out pages become open redirects.
"""

from starlette.requests import Request
from starlette.responses import Response

from labpass_server.oidc import parameters, visiting
from labpass_server.oidc.door import Door
from labpass_server.oidc.parameters import Parameters
from labpass_server.web import cookies, csrf, page, pages

_PATH = "/end-session"


async def by_get(door: Door, request: Request) -> Response:
    """Ask, or sign out at once for a hint of this very person."""
    return await _ask(door, request, parameters.of_query(request))


async def by_post(door: Door, request: Request) -> Response:
    """Take the answer to our question, or a client's request."""
    given = await parameters.of_body(request)
    given.refuse_repeated()
    if given.find(csrf.FIELD) is None:
        return await _ask(door, request, given)
    csrf.check(request, given.find(csrf.FIELD))
    if given.find("answer") != "yes":
        return page.render(request, _question(door, None))
    return await _sign_out(door, request)


async def _ask(door: Door, request: Request, given: Parameters) -> Response:
    now = door.now()
    browser = await door.sign_outs.who(visiting.visitor(request).cookie, now=now)
    if browser is None:
        return page.render(request, pages.SignedOut())
    hint = given.find("id_token_hint")
    if await door.sign_outs.is_asked_by(hint, browser, now=now):
        return await _sign_out(door, request)
    return page.render(request, _question(door, browser.person.handle))


async def _sign_out(door: Door, request: Request) -> Response:
    cookie = visiting.visitor(request).cookie
    if cookie is not None:
        await door.sign_outs.end(cookie, now=door.now())
    response = page.render(request, pages.SignedOut())
    cookies.clear(response, cookies.Cookie.SESSION)
    return response


def _question(door: Door, hint: str | None) -> pages.ConfirmSignOut:
    return pages.ConfirmSignOut(action=door.url(_PATH), hint=hint)
