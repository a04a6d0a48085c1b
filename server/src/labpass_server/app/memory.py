"""Memory that is not used is given back: argon2 takes tens of megabytes for each password.

glibc keeps blocks of up to 32 MiB for the next time once one of that size was freed, in each of
its arenas; measured after 60 sign-ins on two cores, that was 40 MB of an otherwise idle server.
"""

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3  # malloc.h
_ARENA_MAX: Final = -8
_LARGE: Final = 1024 * 1024
_ARENAS: Final = 2


def give_back() -> None:
    """Take large blocks from the system and return them to it; elsewhere than on glibc, nothing."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_MMAP_THRESHOLD, _LARGE)
        tune(_ARENA_MAX, _ARENAS)
