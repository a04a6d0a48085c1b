"""Turns a refusal of the API server into what a person can do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from labpass import problems
from labpass.commands import my_projects
from labpass.commands.workplace import Here
from labpass.workloads import refusal


@contextmanager
def explained(here: Here) -> Iterator[None]:
    """Explain a `problems.Forbidden` of the block, with the API server's words left as they are."""
    try:
        yield
    except problems.Forbidden as e:
        grantors = ", ".join(my_projects.grantors(here.ctx, here.place.project))
        raise refusal.explain(e, here.place, here.mine, grantors=grantors) from e.__cause__
