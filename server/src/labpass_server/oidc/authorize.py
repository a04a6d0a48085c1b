"""The authorization endpoint, GET and POST; and its password way for the command line."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from labpass_server.identity import terminal
from labpass_server.model import client, errors
from labpass_server.model.authorization import Authorization
from labpass_server.oidc import answers, asking, parameters, visiting
from labpass_server.oidc.door import Door
from labpass_server.oidc.parameters import Parameters

HEADER: Final = "labpass-sign-in"
"""No foreign page can send it, so none can sign a browser's person in by a form."""

_STATUS: Final = {
    terminal.Failure.WRONG: 401,
    terminal.Failure.MUST_CHANGE: 403,
    terminal.Failure.BAD_NEW_PASSWORD: 400,
}


async def by_get(door: Door, request: Request) -> Response:
    """Begin a sign-in for what the query asks."""
    return await _begin(door, request, parameters.of_query(request))


async def by_post(door: Door, request: Request) -> Response:
    """Begin a sign-in for what the body asks; with our header, take name and password at once."""
    if HEADER in request.headers:
        return await _sign_in_from_terminal(door, request)
    return await _begin(door, request, await parameters.of_body(request))


async def checked(door: Door, given: Parameters) -> asking.Checked:
    """Return what is asked for, checked."""
    return asking.check(given, await door.directory.find(given.get("client_id")))


def is_pasted(door: Door, asked: Authorization) -> bool:
    """Tell whether the answer would be shown on our own page, for a person to carry."""
    return asked.client_id == client.LABPASS and asked.redirect_uri == door.url("/code")


async def _begin(door: Door, request: Request, given: Parameters) -> Response:
    asked = await checked(door, given)
    if isinstance(asked, asking.Wrong):
        fields = {"error": asked.error, "error_description": answers.plain(asked.description)}
        return answers.redirect(request, asked.answer_to, fields, issuer=door.issuer)
    if is_pasted(door, asked):
        # Only by a short link: its pages say which machine asks, and it can be guessed five times.
        raise errors.Invalid("redirect_uri", "use labpass login --remote")
    progress = await door.sign_ins.begin(asked, visiting.visitor(request), now=door.now())
    return visiting.show(door, request, progress)


async def _sign_in_from_terminal(door: Door, request: Request) -> Response:
    try:
        given = await parameters.of_body(request)
        asked = await _asked_by_terminal(door, request, given)
        outcome = await door.terminal.sign_in(
            asked,
            terminal.Credentials(
                name=given.get("username"),
                password=given.get_secret("password"),
                new_password=given.find_secret("new_password"),
            ),
            address=visiting.address(request),
            now=door.now(),
        )
    except errors.Refusal as refusal:
        return answers.of_refusal(refusal)
    if isinstance(outcome, terminal.Failed):
        status = _STATUS[outcome.failure]
        return answers.error(outcome.failure, outcome.description, status=status)
    fields = {"code": outcome.code.reveal(), "iss": door.issuer}
    if asked.state is not None:
        fields["state"] = asked.state
    return RedirectResponse(answers.with_query(asked.redirect_uri, fields), status_code=303)


async def _asked_by_terminal(door: Door, request: Request, given: Parameters) -> Authorization:
    if request.headers[HEADER] != "password":
        raise errors.Invalid("labpass-sign-in", "password is the only way")
    asked = await checked(door, given)
    if isinstance(asked, asking.Wrong):
        raise errors.Invalid("request", asked.description)
    if not is_pasted(door, asked):
        raise errors.Invalid("client_id", "the password way is for the labpass command line alone")
    return asked
