"""Argon2id: calibrated, with bounded concurrency and a bounded queue.

Each hash needs its memory, so there are as many at once as cores; a storm of sign-ins waits in a
short queue and then is told to come again, and never starves refreshes.
"""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final, TypeVar

import argon2
from argon2 import exceptions

from labpass.secret import Secret
from labpass_server.kit import random
from labpass_server.model import errors

T = TypeVar("T")

FLOOR_KIB: Final = 19 * 1024
CEILING_KIB: Final = 46 * 1024
_STEPS: Final = (FLOOR_KIB, 32 * 1024, CEILING_KIB)
AIM: Final = timedelta(milliseconds=50)
_QUEUE_PER_CORE: Final = 16
_LONGEST: Final = 1024


class Passwords:
    """Hashes and checks passwords with ``memory`` KiB each (OWASP's floor is 19 MiB with t=2)."""

    def __init__(self, memory: int = FLOOR_KIB, *, cores: int | None = None) -> None:
        at_once = cores or os.cpu_count() or 1
        self._hasher: Final = argon2.PasswordHasher(time_cost=2, memory_cost=memory, parallelism=1)
        self._workers: Final = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._places = at_once * (1 + _QUEUE_PER_CORE)
        self._dummy: str | None = None

    async def hash(self, password: Secret) -> str:
        """Return the PHC string."""
        return await self._run(lambda: self._hasher.hash(password.reveal()))

    async def verify(self, password: Secret, phc: str | None) -> bool:
        """Tell whether the password is right; ``None`` costs the same and is never right."""
        return await self._run(lambda: self._verify(password, phc))

    def hash_now(self, password: Secret) -> str:
        """Do as `hash`, and wait: for programs without a loop."""
        return self._hasher.hash(password.reveal())

    def is_outdated(self, phc: str) -> bool:
        """Tell whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(phc)

    def close(self) -> None:
        """Finish what runs."""
        self._workers.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        if self._places == 0:
            raise errors.Unavailable("too many sign-ins at once")
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, work)
        finally:
            self._places += 1

    def _verify(self, password: Secret, phc: str | None) -> bool:
        text = password.reveal()
        decoy = self._decoy()  # made for everybody's first time, so that it betrays nobody
        known = phc is not None and len(text) <= _LONGEST
        try:
            self._hasher.verify(phc if known and phc else decoy, text[:_LONGEST])
        except exceptions.VerifyMismatchError:
            return False
        except exceptions.InvalidHashError as error:
            raise errors.Unavailable("the stored password") from error
        return known

    def _decoy(self) -> str:
        if self._dummy is None:
            self._dummy = self._hasher.hash(random.token())
        return self._dummy


def calibrate(aim: timedelta = AIM) -> int:
    """Return how many KiB one hash may take here: at least the floor, at most the ceiling.

    In coarse steps: with a new number at each start every hash would be outdated, and take another
    time than the one that stands in for unknown names, which tells who exists.
    """
    began = time.perf_counter()
    argon2.PasswordHasher(time_cost=2, memory_cost=FLOOR_KIB, parallelism=1).hash("calibration")
    taken = time.perf_counter() - began
    fitting = int(FLOOR_KIB * aim.total_seconds() / max(taken, 1e-6))
    return max((step for step in _STEPS if step <= fitting), default=FLOOR_KIB)
