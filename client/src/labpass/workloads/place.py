"""Where a person may work: one project on one cluster, as `/api/v1/me/projects` tells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from labpass import problems
from labpass.workloads.kinds.document import Json, text

NAMESPACE_PREFIX: Final = "labpass-"
"""A project's namespace by default is this and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One project on one cluster.

    ``server`` is empty where the cluster is not connected yet, ``ca_pem`` None where the system's
    own trust will do.
    """

    project: str
    cluster: str
    namespace: str
    role: str
    server: str
    ca_pem: str | None
    audience: str
    ends_at: str = ""


def parse(item: Mapping[str, Json]) -> Place:
    """Read one item of the answer; raises `problems.Problem` where the server left a part out."""
    place = Place(
        project=text(item, "project"),
        cluster=text(item, "cluster"),
        namespace=text(item, "namespace"),
        role=text(item, "role"),
        server=text(item, "server"),
        ca_pem=text(item, "ca") or None,
        audience=text(item, "audience"),
        ends_at=text(item, "ends_at"),
    )
    if not (place.project and place.cluster and place.namespace and place.audience):
        raise problems.Problem("The Labpass server described a project without its place.")
    return place


def choose(
    places: Iterable[Place], *, project: str | None, cluster: str | None
) -> tuple[Place, ...]:
    """Return the places that fit, each once; None fits every one."""
    fitting = (
        place
        for place in places
        if project in {None, place.project} and cluster in {None, place.cluster}
    )
    first: dict[tuple[str, str], Place] = {}
    for place in fitting:
        first.setdefault((place.cluster, place.namespace), place)
    return tuple(first.values())


def get_one(places: Sequence[Place], *, project: str | None, cluster: str | None) -> Place | None:
    """Return the one place that fits; None where the person has none of that project.

    Raises `problems.UsageProblem` where it is not clear which is meant, naming the choice.
    """
    found = choose(places, project=project, cluster=cluster)
    if len(found) == 1:
        return found[0]
    if project is None:
        raise problems.UsageProblem(*_which_project(found))
    if not found:
        return None
    clusters = ", ".join(sorted(place.cluster for place in found))
    raise problems.UsageProblem(
        f"Project {project} is on several clusters: {clusters}.", hint="choose one with --cluster"
    )


def beside(
    places: Iterable[Place],
    *,
    project: str,
    cluster: str | None,
    namespaces: Mapping[str, str],
) -> tuple[Place, ...]:
    """Return where ``project`` would be on each cluster that the person reaches by other projects.

    ``namespaces`` are those that the server told, by cluster; empty where it tells none. The role
    is empty. Asked there, the API server itself says no, or yes where somebody else granted it.
    """
    first: dict[str, Place] = {}
    for place in choose(places, project=None, cluster=cluster):
        first.setdefault(place.cluster, place)
    return tuple(
        Place(
            project=project,
            cluster=place.cluster,
            namespace=namespaces.get(place.cluster) or f"{NAMESPACE_PREFIX}{project}",
            role="",
            server=place.server,
            ca_pem=place.ca_pem,
            audience=place.audience,
        )
        for place in first.values()
        if not namespaces or place.cluster in namespaces
    )


def _which_project(found: Sequence[Place]) -> tuple[str, str]:
    if not found:
        return "You have no project to work in yet.", "labpass project list"
    names = ", ".join(sorted({place.project for place in found}))
    return f"Which project? Yours: {names}.", "choose one with -p PROJECT, or LABPASS_PROJECT"
