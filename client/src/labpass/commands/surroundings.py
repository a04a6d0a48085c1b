"""What a command may know of the machine it runs on, handed down by `labpass.__main__`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import click

from labpass.session import profiles


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


def with_profile(ctx: click.Context, profile: str | None) -> Surroundings:
    """Let a command's own ``--profile`` take the place of the one before the command's name."""
    if profile is not None:
        ctx.obj = replace(of(ctx), profile=profiles.check(profile))
    return of(ctx)
