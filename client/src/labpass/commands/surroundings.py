"""What a command may know of the machine it runs on, handed down by `labpass.__main__`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The environment, the clock and the profile: `ctx.obj` of every command.

    ``now`` answers in UTC, aware. A test makes its own and so needs no patching.
    """

    environment: Mapping[str, str]
    now: Callable[[], datetime]
    profile: str
    debug: bool = False


def of(ctx: click.Context) -> Surroundings:
    """Return the surroundings that `__main__` put into the context."""
    found = ctx.find_object(Surroundings)
    assert found is not None, "labpass.__main__ puts the surroundings into every context"
    return found
