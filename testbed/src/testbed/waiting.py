"""Waiting for something to become true, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

from testbed.problems import Problem

T = TypeVar("T")


def until(look: Callable[[], T | None], *, seconds: float, what: str, every: float = 0.05) -> T:
    """Return the first true answer of ``look``; raises `Problem` naming ``what`` if it is late."""
    end = time.monotonic() + seconds
    while True:
        if answer := look():
            return answer
        if time.monotonic() > end:
            raise Problem(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(every)
