"""The projects of the person who is signed in, from the Labpass server."""

from collections.abc import Sequence
from urllib.parse import quote

import click

from labpass import problems
from labpass.commands import from_api
from labpass.workloads import place
from labpass.workloads.place import Place


def load(ctx: click.Context) -> tuple[Place, ...]:
    """Return every project and cluster this person has a live rule for."""
    return tuple(place.parse(item) for item in from_api.items(ctx, "/me/projects"))


def foreign(ctx: click.Context, mine: Sequence[Place], name: str, cluster: str | None) -> Place:
    """Return where a project that is not the person's own would be asked for.

    Only on a cluster that the person reaches: for others there is no token. Raises
    `problems.NotFound` for a project that is not there or hidden, `problems.Forbidden` where no
    cluster of it can be reached.
    """
    try:
        known = from_api.get(ctx, f"/projects/{quote(name, safe='')}")
    except problems.NotFound as e:
        raise problems.NotFound(
            f"There is no project {name} that you may know of.", hint="labpass project list"
        ) from e
    there = {item["cluster"]: item["namespace"] for item in known.get("namespaces") or ()}
    possible = place.beside(mine, project=name, cluster=cluster, namespaces=there)
    if possible:
        return possible[0]
    raise problems.Forbidden(
        f"You have no access to project {name}, nor to a cluster that it is on.",
        hint="ask an administrator of the project or of the organisation for a rule",
    )
