"""Turns a page's values into a response: template, policy, form secret, theme."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from labpass_server.web import cookies, csrf, headers, pages, site, theme


def render(
    request: Request, page: pages.Page, *, status: int = 200, form_action: Sequence[str] = ()
) -> Response:
    """Answer with a page before sign-in.

    ``form_action`` lists the redirect URIs, already validated by the door, to which an answer to
    this page's form may lead; see `headers.sign_in_policy`.
    """
    here = site.of(request)
    secret, is_new = csrf.secret_of(request)

    def token(action: str) -> str:
        return csrf.field(secret, action)

    response = HTMLResponse(_html(request, here, page, token), status_code=status)
    response.headers["Content-Security-Policy"] = headers.sign_in_policy(form_action)
    if is_new and not isinstance(page, pages.Error | pages.FormPost):
        cookies.put(response, cookies.Cookie.FORM, secret)
    return response


def _html(request: Request, here: site.Site, page: pages.Page, token: Callable[[str], str]) -> str:
    return here.templates.get_template(page.template).render(
        page=page,
        token=token,
        theme=theme.of(request),
        address=here.origin + here.base,
        now=here.now(),
    )
