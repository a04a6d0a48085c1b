"""The page behind the set-up link: makes the first administrator, once."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from labpass.secret import Secret
from labpass_server.app import set_up_link
from labpass_server.identity.people import NewPerson
from labpass_server.identity.set_up import SetUp
from labpass_server.model import errors
from labpass_server.web import csrf, form, page, pages
from labpass_server.web.route import Public, Route


class SetUpPage:
    """GET shows the form, POST takes it. ``on_done`` forgets the link where it was written."""

    def __init__(
        self,
        set_up: SetUp,
        *,
        command: str,
        clock: Callable[[], datetime],
        on_done: Callable[[], None],
    ) -> None:
        self._set_up = set_up
        self._command = command
        self._clock = clock
        self._on_done = on_done

    @property
    def routes(self) -> list[Route]:
        """Return the table of this page."""
        path = f"{set_up_link.PATH}{{secret}}"
        needs = Public("nobody exists yet; the link itself is the proof, and works once")
        return [Route("GET", path, self.show, needs), Route("POST", path, self.take, needs)]

    async def show(self, request: Request) -> Response:
        """Show the form to who has the link."""
        await self._require(request)
        return page.render(request, pages.SetUp(action=request.url.path))

    async def take(self, request: Request) -> Response:
        """Make the administrator, or say what is wrong."""
        fields = await form.read(request)
        csrf.check(request, fields.get(csrf.FIELD))
        secret = await self._require(request)
        new = NewPerson(
            handle=fields.get("handle", "").strip(),
            display_name=fields.get("display_name", "").strip(),
            password=Secret(fields.get("password", "")),
            is_temporary=False,
            may_be_called_admin=True,
        )
        try:
            made = await self._set_up.complete(secret, new, now=self._clock())
        except errors.Invalid as wrong:
            return page.render(request, _again(request, new, wrong), status=400)
        self._on_done()
        return page.render(request, pages.SetUpDone(handle=made.handle, command=self._command))

    async def _require(self, request: Request) -> Secret:
        secret = Secret(request.path_params["secret"])
        if not await self._set_up.expects(secret):
            raise errors.NotFound("set-up link; it was used, or replaced by a newer one")
        return secret


def _again(request: Request, new: NewPerson, wrong: errors.Invalid) -> pages.SetUp:
    return pages.SetUp(
        action=request.url.path,
        error=f"{wrong.reason[:1].upper()}{wrong.reason[1:]}.",
        field=wrong.field,
        handle=new.handle,
        display_name=new.display_name,
    )
