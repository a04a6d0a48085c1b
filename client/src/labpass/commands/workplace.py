"""Which project and cluster a command is about, and a connection there as the person."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from labpass import problems
from labpass.commands import my_projects, signed_in, surroundings
from labpass.kube.client import Client
from labpass.workloads import find, place, submitter
from labpass.workloads.place import Place

option_project = click.option(
    "-p", "--project", metavar="NAME", help="The project (LABPASS_PROJECT)."
)
option_cluster = click.option(
    "--cluster", metavar="NAME", help="The cluster, where the project is on several."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """One project on one cluster, and how to speak to its API server.

    ``mine`` are all places of this person. ``place.role`` is empty where the person has no rule:
    the API server is asked all the same, so that it is the one to say no.
    """

    ctx: click.Context
    place: Place
    mine: Sequence[Place]

    def connect(self) -> Client:
        """Return a new connection with a live token."""
        if not self.place.server:
            raise problems.Unreachable(f"Cluster {self.place.cluster} is not connected yet.")
        token = signed_in.cluster_token(self.ctx, self.place.audience)
        return Client.from_token(self.place.server, self.place.ca_pem, token)

    def handle(self) -> str:
        """Return the person's own handle."""
        return submitter.unverified_handle(signed_in.cluster_token(self.ctx, self.place.audience))


def every(ctx: click.Context, *, project: str | None, cluster: str | None) -> list[Here]:
    """Return all places that fit, in the server's order. Raises for a project that is not mine."""
    mine = my_projects.load(ctx)
    found = place.choose(mine, project=project, cluster=cluster)
    if not found and project is not None:
        return [one(ctx, project=project, cluster=cluster)]
    return [Here(ctx=ctx, place=each, mine=mine) for each in found]


def one(ctx: click.Context, *, project: str | None, cluster: str | None) -> Here:
    """Return the one place that is meant.

    For a project that is not the person's own it is where that project would be: the API server
    answers there in its own words. Raises `problems.NotFound` for a project nobody knows.
    """
    mine = my_projects.load(ctx)
    chosen = place.get_one(mine, project=project or default(ctx), cluster=cluster)
    if chosen is None:
        chosen = my_projects.foreign(ctx, mine, project or default(ctx) or "", cluster)
    return Here(ctx=ctx, place=chosen, mine=mine)


def holding(
    ctx: click.Context, name: str, *, project: str | None, cluster: str | None
) -> tuple[Here, find.Found]:
    """Return where the workload called ``name`` is, and itself.

    Without a project all of the person's are looked through; two of that name must be told apart.
    """
    wanted = project or default(ctx)
    hits = []
    for here in every(ctx, project=wanted, cluster=cluster):
        with here.connect() as api:
            found = find.find(api, name, namespace=here.place.namespace)
        if found is not None:
            hits.append((here, found))
    if len(hits) == 1:
        return hits[0]
    if hits:
        where = ", ".join(
            sorted(f"{here.place.project} on {here.place.cluster}" for here, _ in hits)
        )
        raise problems.UsageProblem(f"{name} is in {where}.", hint="choose with -p and --cluster")
    looked = f"in project {wanted}" if wanted else "in any project of yours"
    raise problems.NotFound(f"There is no job or pod called {name} {looked}.", hint="labpass list")


def default(ctx: click.Context) -> str | None:
    """Return the project to use where none is named on the line."""
    return surroundings.of(ctx).environment.get("LABPASS_PROJECT") or None
