"""The projects of the person who is signed in, from the Labpass server."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import click

from labpass import problems
from labpass.commands import from_api, output, signed_in, surroundings
from labpass.commands.surroundings import Surroundings
from labpass.session import credentials, folders, keys, reached
from labpass.session.folders import Folders
from labpass.workloads import place
from labpass.workloads.place import Place


def load(ctx: click.Context) -> tuple[Place, ...]:
    """Return every project and cluster this person has a live rule for."""
    found = tuple(place.parse(item) for item in from_api.items(ctx, "/me/projects"))
    clusters = {
        one.cluster: {"server": one.server, "ca": one.ca_pem, "audience": one.audience}
        for one in found
        if one.server
    }
    here, issuer = surroundings.of(ctx), signed_in.server(ctx).url
    where = folders.find(here.environment)
    reached.note(where, clusters, issuer=issuer, profile=here.profile)
    return found


def _with_a_token(ctx: click.Context, name: str) -> list[Place]:
    """Return the clusters that were reached before and for which a token still lies ready."""
    here, issuer = surroundings.of(ctx), signed_in.server(ctx).url
    where = folders.find(here.environment)
    known = reached.load(where, issuer=issuer, profile=here.profile)
    places = [
        place.parse({**held, "project": name, "cluster": cluster, "namespace": name})
        for cluster, held in known.items()
        if held.get("audience") and held.get("server")
    ]
    return [one for one in places if _has_token(here, where, issuer, one.audience)]


def _has_token(here: Surroundings, where: Folders, issuer: str, audience: str) -> bool:
    key = keys.for_credential(issuer=issuer, audience=audience, profile=here.profile)
    found = credentials.find(where, key)
    return found is not None and found.is_fresh(here.now())


def grantors(ctx: click.Context, name: str) -> tuple[str, ...]:
    """Return who can give access to a project; nobody where the server does not say.

    It stands beside a refusal, so what goes wrong here is not worth a word.
    """
    try:
        return _grantors(from_api.get(ctx, f"/projects/{quote(name, safe='')}"))
    except problems.Problem:
        return ()


def _grantors(known: Mapping[str, Any]) -> tuple[str, ...]:
    named = known.get("grantors")
    return tuple(map(output.plain, map(str, named))) if isinstance(named, list) else ()


def foreign(ctx: click.Context, mine: Sequence[Place], name: str, cluster: str | None) -> Place:
    """Return where a project that is not the person's own would be asked for.

    Only on a cluster that the person reaches, or did a moment ago and still holds a token for.

    Raises:
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
    places = [*mine, *_with_a_token(ctx, name)]
    possible = place.beside(places, project=name, cluster=cluster, namespaces=there)
    if possible:
        return possible[0]
    could = ", ".join(_grantors(known)) or "an administrator of the project or of the organisation"
    raise problems.Forbidden(
        f"You have no access to project {name}, nor to a cluster that it is on.",
        hint=f"who can grant it: {could}",
    )
