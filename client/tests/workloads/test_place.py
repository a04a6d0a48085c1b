from typing import Any

import pytest

from labpass import problems
from labpass.workloads import place
from labpass.workloads.place import Place


def _place(project: str = "vision", cluster: str = "lab-a", **changed: Any) -> Place:
    return Place(
        **{
            "project": project,
            "cluster": cluster,
            "namespace": f"labpass-{project}",
            "role": "researcher",
            "server": f"https://{cluster}:6443",
            "ca_pem": None,
            "audience": f"labpass-{cluster}-x1",
            **changed,
        }
    )


VISION, SPEECH, FAR = _place(), _place("speech"), _place(cluster="lab-b")


def test_an_item_of_the_answer() -> None:
    item = {
        "project": "vision",
        "cluster": "lab-a",
        "namespace": "labpass-vision",
        "role": "researcher",
        "server": "https://lab-a:6443",
        "ca": None,
        "audience": "labpass-lab-a-x1",
        "username_prefix": "labpass:",
        "ends_at": None,
    }
    assert place.parse(item) == VISION


def test_an_item_without_its_namespace_is_the_servers_fault() -> None:
    with pytest.raises(problems.Problem, match="without its place"):
        place.parse({"project": "vision", "cluster": "lab-a", "audience": "x"})


@pytest.mark.parametrize(
    ("project", "cluster", "found"),
    [
        (None, None, (VISION, SPEECH, FAR)),
        ("vision", None, (VISION, FAR)),
        (None, "lab-b", (FAR,)),
        ("speech", "lab-b", ()),
    ],
)
def test_what_is_not_named_fits_all(
    project: str | None, cluster: str | None, found: tuple[Place, ...]
) -> None:
    assert place.choose((VISION, SPEECH, FAR, VISION), project=project, cluster=cluster) == found


def test_the_only_project_needs_no_name() -> None:
    assert place.get_one((SPEECH,), project=None, cluster=None) == SPEECH


@pytest.mark.parametrize(
    ("places", "project", "words"),
    [
        ((VISION, SPEECH), None, "Which project. Yours: speech, vision"),
        ((VISION, FAR), "vision", "on several clusters: lab-a, lab-b"),
        ((), None, "no project to work in"),
    ],
)
def test_an_unclear_place_is_asked_about(
    places: tuple[Place, ...], project: str | None, words: str
) -> None:
    with pytest.raises(problems.UsageProblem, match=words):
        place.get_one(places, project=project, cluster=None)


def test_a_project_that_is_not_mine_is_none() -> None:
    assert place.get_one((VISION,), project="speech", cluster=None) is None


def test_a_foreign_project_is_looked_for_beside_my_own() -> None:
    [found] = place.beside((VISION,), project="secret", cluster=None, namespaces={})
    assert (found.namespace, found.audience, found.role) == (
        "labpass-secret",
        VISION.audience,
        "",
    )


def test_a_foreign_project_stands_where_the_server_says() -> None:
    told = {"lab-b": "speech-of-old"}
    found = place.beside((VISION, FAR), project="speech", cluster=None, namespaces=told)
    assert [(one.cluster, one.namespace) for one in found] == [("lab-b", "speech-of-old")]
