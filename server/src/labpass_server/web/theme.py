"""Light, dark, or what the person's system says."""

from enum import StrEnum

from starlette.requests import Request

from labpass_server.web import cookies


class Theme(StrEnum):
    """What the theme cookie may hold."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


def of(request: Request) -> Theme:
    """Return the browser's choice; anything unknown is the system's."""
    found = cookies.find(request, cookies.Cookie.THEME)
    try:
        return Theme(found.reveal()) if found else Theme.SYSTEM
    except ValueError:
        return Theme.SYSTEM
