"""A person's handle: their name in clusters, in rules and on jobs. Never changed, never reused."""

import re
from typing import Final, NewType

from labpass_server.model import errors

Handle = NewType("Handle", str)

CANARY: Final = Handle("canary")
"""The reserved handle of the tokens that prove a cluster's trust; no person ever has it."""

_SHAPE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,61}[a-z0-9]", re.ASCII)
_RESERVED_STARTS: Final = ("system", "kube", "labpass", "sa.")


def parse(text: str) -> Handle:
    """Return ``text`` as a handle that a person may have.

    Raises `Invalid` for a wrong shape (2 to 63 of ``a-z 0-9 . _ -``, starting and ending with a
    letter or digit, so that it is safe as a label value) and for a reserved name.
    """
    if not _SHAPE.fullmatch(text):
        raise errors.Invalid(
            "handle",
            "2 to 63 of a-z 0-9 . _ - and a letter or digit at both ends",
        )
    if is_reserved(text):
        raise errors.Invalid("handle", f"{text} is reserved")
    return Handle(text)


def is_handle(text: str) -> bool:
    """Tell whether somebody could have this handle; what people type may be anything."""
    return _SHAPE.fullmatch(text) is not None and not is_reserved(text)


def is_reserved(text: str) -> bool:
    """Tell whether no person may ever have this handle, nor a token name it."""
    return text == CANARY or text.startswith(_RESERVED_STARTS)


def needs_yes(text: str) -> bool:
    """Tell whether an administrator has to agree to this handle (``admin…``)."""
    return text.startswith("admin")
