"""What a browser brings, and what it is given back: cookies, address, pages of a sign-in."""

from typing import assert_never
from urllib import parse

from starlette.requests import Request
from starlette.responses import Response

from labpass_server.identity import step, visit
from labpass_server.model import client, errors, network, redirect, session
from labpass_server.oidc import answers
from labpass_server.oidc.door import Door
from labpass_server.web import cookies, page, pages


def visitor(request: Request) -> visit.Visitor:
    """Return who asks."""
    return visit.Visitor(
        address=address(request),
        cookie=cookies.find(request, cookies.Cookie.SESSION),
        device=cookies.find(request, cookies.Cookie.DEVICE),
    )


def address(request: Request) -> str:
    """Return where the request comes from; `app` has seen to proxies."""
    found = network.address(request.client.host) if request.client else None
    return network.UNKNOWN if found is None else str(found)


def show(door: Door, request: Request, progress: visit.Progress) -> Response:
    """Answer with the next step of a sign-in, and with what the browser is to keep."""
    response = _show(door, request, progress)
    if progress.cookie is not None:
        cookies.put(response, cookies.Cookie.SESSION, progress.cookie)
    if progress.device is not None:
        cookies.put(
            response, cookies.Cookie.DEVICE, progress.device, lifetime=session.DEVICE_LIFETIME
        )
    return response


def _show(door: Door, request: Request, progress: visit.Progress) -> Response:
    match progress.step:
        case step.AskPassword() as ask:
            return _ask_password(door, request, progress, ask)
        case step.AskNewPassword(authorization=asked, handle=handle, error=error):
            shown = pages.ChangePassword(
                action=door.url("/sign-in/new-password"),
                transaction=progress.transaction.reveal(),
                handle=handle,
                error=error,
            )
            return page.render(request, shown, form_action=(asked.redirect_uri,))
        case step.AskConfirmation() as ask:
            return _ask_confirmation(door, request, progress, ask)
        case step.Answer(authorization=asked, code=code):
            return answers.redirect(request, asked, {"code": code.reveal()}, issuer=door.issuer)
        case step.ShowCode() as shown_code:
            return _show_code(door, request, progress, shown_code)
        case step.Deny(authorization=asked, error=denied, description=words, machine=machine):
            if machine is not None:
                raise errors.NotAllowed(words)
            fields = {"error": denied.value, "error_description": answers.plain(words)}
            return answers.redirect(request, asked, fields, issuer=door.issuer)
        case other:
            assert_never(other)


def _ask_password(
    door: Door, request: Request, progress: visit.Progress, ask: step.AskPassword
) -> Response:
    shown = pages.SignIn(
        action=door.url("/sign-in/password"),
        transaction=progress.transaction.reveal(),
        handle=ask.handle,
        error=ask.error,
        purpose=_purpose(ask.client, ask.machine),
    )
    return page.render(request, shown, form_action=(ask.authorization.redirect_uri,))


def _ask_confirmation(
    door: Door, request: Request, progress: visit.Progress, ask: step.AskConfirmation
) -> Response:
    machine = ask.machine
    uri = ask.authorization.redirect_uri
    shown = pages.Confirm(
        action=door.url("/sign-in/confirm"),
        transaction=progress.transaction.reveal(),
        cluster=None if ask.client.target is None else ask.client.target.name,
        answer_to=None if machine is not None else parse.urlsplit(uri).netloc,
        program=ask.client.name,
        person=f"{ask.person.display_name} ({ask.person.handle})",
        asked_at=ask.asked_at,
        gets=_gets(ask.client, uri),
        machine=None if machine is None else machine.name,
        asked_from=None if machine is None else machine.asked_from,
        is_elsewhere=machine is not None and _is_elsewhere(machine, request),
    )
    return page.render(request, shown, form_action=(uri,))


def _show_code(
    door: Door, request: Request, progress: visit.Progress, shown: step.ShowCode
) -> Response:
    code = pages.Code(
        code=shown.code.reveal(),
        expires_at=shown.expires_at,
        machine=shown.machine.name,
        asked_from=shown.machine.asked_from,
        person=f"{shown.person.display_name} ({shown.person.handle})",
        cancel_action=door.url("/sign-in/cancel"),
        transaction=progress.transaction.reveal(),
        is_elsewhere=_is_elsewhere(shown.machine, request),
    )
    return page.render(request, code)


def _is_elsewhere(machine: session.Machine, request: Request) -> bool:
    return not network.are_near(machine.asked_from, address(request))


def _purpose(by: client.Client, machine: session.Machine | None) -> str:
    if machine is not None:
        return f"for a program on another machine, which calls itself {machine.name}"
    return f"for {by.name}"


def _gets(by: client.Client, uri: str) -> str:
    hours = int(session.SESSION_LIFETIME.total_seconds()) // 3600
    what = "your access to Labpass and to your clusters"
    if by.target is not None:
        what = f"your access to the cluster {by.target.name}"
    elif by.id != client.LABPASS and not redirect.is_loopback(uri):
        what = "your name, and what you let it know of you"
    return f"{what}, for {hours} hours at most"
