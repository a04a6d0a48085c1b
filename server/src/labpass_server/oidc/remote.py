"""Sign-in for a machine without a browser: a browser elsewhere answers its request."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from labpass.secret import Secret
from labpass_server.model import errors, session
from labpass_server.model.authorization import Authorization
from labpass_server.oidc import answers, asking, authorize, parameters, visiting
from labpass_server.oidc.door import Door
from labpass_server.oidc.parameters import Parameters

_LONGEST_NAME: Final = 64


async def ask(door: Door, request: Request) -> Response:
    """Store a request, and answer with the short link to it."""
    try:
        given = await parameters.of_body(request)
        machine = session.Machine(name=_name(given), asked_from=visiting.address(request))
        asked = await _asked(door, given)
        short = await door.sign_ins.ask_remotely(asked, machine, now=door.now())
    except errors.Refusal as refusal:
        return answers.of_refusal(refusal)
    return answers.json(
        {
            "link": door.url(f"/r/{short.reveal()}"),
            "expires_in": int(session.REMOTE_LIFETIME.total_seconds()),
        }
    )


async def follow(door: Door, request: Request) -> Response:
    """Begin, in this browser, what another machine asked for."""
    progress = await door.sign_ins.open_remote(
        Secret(request.path_params["short"]),
        visiting.visitor(request),
        now=door.now(),
    )
    return visiting.show(door, request, progress)


async def code(door: Door, request: Request) -> Response:
    """Say that this address, where the command line's answers are sent, has nothing to show."""
    del door, request
    raise errors.NotFound("page to read; go back to the terminal where you signed in")


async def _asked(door: Door, given: Parameters) -> Authorization:
    asked = await authorize.checked(door, given)
    if isinstance(asked, asking.Wrong):
        raise errors.Invalid("request", asked.description)
    if not authorize.is_pasted(door, asked):
        raise errors.Invalid("client_id", "this way is for the labpass command line alone")
    return asked


def _name(given: Parameters) -> str:
    """Return what the machine calls itself: a claim, to be shown as one."""
    text = given.find("machine") or "a machine without a name"
    return "".join(each for each in text if each.isprintable())[:_LONGEST_NAME]
