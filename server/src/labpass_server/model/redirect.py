"""Redirect URIs: which ones a client may have, and which one matches.

Exact strings; no wildcard, pattern, fragment or userinfo. For loopback addresses any port
(RFC 8252 §7.3), for ``http://localhost`` where it is registered. RFC 9700 §2.1, §4.1.
"""

import re
import urllib.parse
from collections.abc import Collection
from typing import Final

from labpass_server.model import errors

_ALLOWED: Final = re.compile(r"[!-~]{1,2000}", re.ASCII)
_FORBIDDEN: Final = frozenset('\\"<>^`{|}#')
_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost)(?::([0-9]{1,5}))?", re.ASCII)
_PRIVATE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*\.[a-z0-9.+-]+", re.ASCII)
_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?", re.ASCII
)
_HIGHEST_PORT: Final = 65535


def register(uri: str, field: str = "redirect_uris") -> str:
    """Return ``uri`` as one that a client may be registered with; raise `Invalid` otherwise."""
    parts = _split(uri)
    if parts is None:
        raise errors.Invalid(field, "no fragment, user name or unusual character")
    is_web = parts.scheme == "https" and _is_host(parts.netloc)
    is_native = _PRIVATE_SCHEME.fullmatch(parts.scheme) is not None
    if not (is_web or is_native or is_loopback(uri)):
        raise errors.Invalid(field, "https, or http on a loopback address")
    return uri


def matches(uri: str, registered: Collection[str], *, any_loopback: bool) -> bool:
    """Tell whether a client with these URIs may be answered at ``uri``.

    ``any_loopback`` is for the clients that clusters' audiences are: every loopback URI will do.
    """
    if _split(uri) is None:
        return False
    if uri in registered:
        return True
    if not is_loopback(uri):
        return False
    return any_loopback or any(
        is_loopback(known) and _but_port(known) == _but_port(uri) for known in registered
    )


def is_loopback(uri: str) -> bool:
    """Tell whether the answer goes to a program on the browser's own machine, over plain http.

    The whole authority is compared, so ``http://localhost:80@evil`` and
    ``http://127.0.0.1.evil`` are none.
    """
    parts = _split(uri)
    return parts is not None and parts.scheme == "http" and _loopback(parts.netloc) is not None


def is_local(uri: str) -> bool:
    """Tell whether any program on the browser's machine could be the one that gets the answer."""
    parts = _split(uri)
    if parts is None or parts.scheme != "https":
        return True
    host = (parts.hostname or "").rstrip(".")
    return host in {"localhost", "::1"} or host.endswith(".localhost") or host.startswith("127.")


def _is_host(netloc: str) -> bool:
    found = _HOST.fullmatch(netloc)
    return found is not None and int(found[1] or 0) <= _HIGHEST_PORT


def _loopback(netloc: str) -> str | None:
    found = _LOOPBACK.fullmatch(netloc)
    if found is None or int(found[2] or 0) > _HIGHEST_PORT:
        return None
    return found[1]


def _but_port(uri: str) -> tuple[str | None, str, str]:
    parts = urllib.parse.urlsplit(uri)
    return _loopback(parts.netloc), parts.path, parts.query


def _split(uri: str) -> urllib.parse.SplitResult | None:
    if not _ALLOWED.fullmatch(uri) or _FORBIDDEN & set(uri):
        return None
    try:
        parts = urllib.parse.urlsplit(uri)
    except ValueError:
        return None
    return None if "@" in parts.netloc or not parts.scheme else parts
