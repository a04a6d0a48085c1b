"""Forms that only our own pages can send.

A random cookie that no other host can set (``__Host-``) and a field derived from it and from the
form's address must fit together; the browser's own word about where a request comes from is asked
first. It holds before sign-in too, so nobody can be signed in as somebody else by a foreign page.
No state is kept, so any replica can check any form.
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from labpass.secret import Secret
from labpass_server.kit import random
from labpass_server.model import errors
from labpass_server.web import cookies, site

FIELD: Final = "csrf"
_LENGTH: Final = 43  # 32 bytes in base64url without padding
_REFUSED: Final = "this form did not come from a page of ours, or that page is too old"


def secret_of(request: Request) -> tuple[Secret, bool]:
    """Return this browser's form secret, and whether it is new and must be set as a cookie."""
    found = cookies.find(request, cookies.Cookie.FORM)
    if found is not None and len(found.reveal()) == _LENGTH:
        return found, False
    return Secret(random.token()), True


def field(secret: Secret, action: str) -> str:
    """Return the hidden field's value for a form that posts to ``action``."""
    path = urlsplit(action).path
    return hmac.new(secret.reveal().encode(), path.encode(), hashlib.sha256).hexdigest()


def check(request: Request, given: str | None) -> None:
    """Raise `NotAllowed` unless the form came from a page of ours in this same browser.

    Our pages send no referrer, so browsers give ``Origin: null`` for their forms; where they say
    ``Sec-Fetch-Site`` that decides, and the field decides in every case.
    """
    if not _is_from_here(request, site.of(request).origin):
        raise errors.NotAllowed(_REFUSED)
    secret, is_new = secret_of(request)
    if is_new or not hmac.compare_digest(
        (given or "").encode(), field(secret, request.scope["path"]).encode()
    ):
        raise errors.NotAllowed(_REFUSED)


def _is_from_here(request: Request, origin: str) -> bool:
    source = request.headers.get("sec-fetch-site")
    if source is not None and source not in {"same-origin", "none"}:
        return False
    said = request.headers.get("origin")
    return said is None or said in {"null", origin}
