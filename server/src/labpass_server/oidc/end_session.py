"""The end-session endpoint: sign out, after asking unless an ID token of the person's says so.

Afterwards the browser is sent only to an address that the program has registered, exactly;
anything else is how sign-out pages become open redirects. RP-Initiated Logout 1.0.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from labpass_server.identity import sign_out
from labpass_server.oidc import answers, parameters, visiting
from labpass_server.oidc.door import Door
from labpass_server.oidc.parameters import Parameters
from labpass_server.web import cookies, csrf, page, pages

_PATH: Final = "/end-session"
_ECHOED: Final = ("client_id", "post_logout_redirect_uri", "state", "id_token_hint")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """One request to sign out: what it may, and what is sent back with the answer."""

    given: Parameters
    asked: sign_out.Asked

    @property
    def destination(self) -> str | None:
        """Where the browser goes afterwards."""
        if self.asked.leads_to is None:
            return None
        state = self.given.find("state")
        return answers.with_query(self.asked.leads_to, {} if state is None else {"state": state})

    @property
    def echoed(self) -> dict[str, str]:
        """What our own question carries, to be read again with the answer."""
        return {name: value for name in _ECHOED if (value := self.given.find(name)) is not None}


async def by_get(door: Door, request: Request) -> Response:
    """Ask, or sign out at once for a hint of this very person."""
    return await _ask(door, request, await _read(door, parameters.of_query(request)))


async def by_post(door: Door, request: Request) -> Response:
    """Take the answer to our question, or a client's request."""
    given = await parameters.of_body(request)
    wish = await _read(door, given)
    if given.find(csrf.FIELD) is None:
        return await _ask(door, request, wish)
    csrf.check(request, given.find(csrf.FIELD))
    if given.find("answer") != "yes":
        return _question(door, request, wish, None)
    return await _sign_out(door, request, wish)


async def _read(door: Door, given: Parameters) -> _Request:
    given.refuse_repeated()
    wish = sign_out.Wish(
        unverified_hint=given.find("id_token_hint"),
        client_id=given.find("client_id"),
        redirect_uri=given.find("post_logout_redirect_uri"),
    )
    return _Request(given=given, asked=await door.sign_outs.read(wish, now=door.now()))


async def _ask(door: Door, request: Request, wish: _Request) -> Response:
    browser = await door.sign_outs.who(visiting.visitor(request).cookie, now=door.now())
    if browser is None:
        return _signed_out(request, wish)
    if wish.asked.subject == browser.person.id:
        return await _sign_out(door, request, wish)
    return _question(door, request, wish, browser.person.handle)


async def _sign_out(door: Door, request: Request, wish: _Request) -> Response:
    cookie = visiting.visitor(request).cookie
    if cookie is not None:
        await door.sign_outs.end(cookie, now=door.now())
    response = _signed_out(request, wish)
    cookies.clear(response, cookies.Cookie.SESSION)
    return response


def _signed_out(request: Request, wish: _Request) -> Response:
    if wish.destination is None:
        return page.render(request, pages.SignedOut())
    return RedirectResponse(wish.destination, status_code=303)


def _question(door: Door, request: Request, wish: _Request, hint: str | None) -> Response:
    shown = pages.ConfirmSignOut(action=door.url(_PATH), hint=hint, fields=wish.echoed)
    leads_to = () if wish.asked.leads_to is None else (wish.asked.leads_to,)
    return page.render(request, shown, form_action=leads_to)
