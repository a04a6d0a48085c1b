"""What every page of one server shares: its address, its files, its templates, its clock.

`app` builds one and hands it to `around`; the doors find it by `of`. The address comes from
settings, never from a request's ``Host``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import jinja2
from starlette.requests import Request

from labpass_server.kit import clock
from labpass_server.web import static


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One server as its pages know it. ``origin`` has no path; ``base`` is the issuer's path."""

    origin: str
    base: str
    assets: static.Assets
    templates: jinja2.Environment
    now: Callable[[], datetime]


def build(issuer: str, *, now: Callable[[], datetime] = clock.now) -> Site:
    """Make the site of the server behind this issuer; reads the templates and static files."""
    parts = urlsplit(issuer)
    base = parts.path.rstrip("/")
    assets = static.load(prefix=f"{base}/static")
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("labpass_server.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.globals["asset"] = assets.address
    origin = f"{parts.scheme}://{parts.netloc}"
    return Site(origin=origin, base=base, assets=assets, templates=templates, now=now)


def of(request: Request) -> Site:
    """Return the site a request came to."""
    found = request.state.site
    assert isinstance(found, Site)
    return found
