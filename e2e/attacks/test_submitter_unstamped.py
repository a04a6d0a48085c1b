"""Before Kubernetes 1.36 nothing writes the name: the proof alone stands, and it is enough."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import prove, stamp
from labpass.cluster.installation import Installation
from labpass.kube.client import JSON_PATCH, Client

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused, World

pytestmark = pytest.mark.testbed

KINDS = ("Pod", "PodTemplate", "Deployment", "CronJob", "Job", "StatefulSet")
Labels = Callable[[Any], list[str]]
Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture(scope="module", autouse=True)
def unstamped(world: "World", *, is_stamping: bool) -> Iterator[None]:
    """Take the stamp away for a while, where there is one."""
    if not is_stamping:
        yield
        return
    ours = Installation(id="attacked-1", username_prefix="labpass:", groups_prefix="labpass:")
    made = [each for each in stamp.rendered(ours) if str(each["kind"]).endswith("Binding")]
    for each in made:
        world.admin.delete(world.admin.path_of(each))
    world.wait_for_stamp(active=False)
    yield
    world.install()
    world.wait_for_stamp(active=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_names_its_sender_everywhere_passes(
    carol: Client, build: "Build", labels_of: Labels, kind: str
) -> None:
    stored = carol.create(build(kind, top="carol", inner="carol"), dry_run=True)
    assert set(labels_of(stored)) == {"carol"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("top", "inner"), [("", ""), ("dave", "dave"), ("dave", "carol")])
def test_a_request_that_names_another_or_nobody_is_refused(
    carol: Client, build: "Build", refused: "Refused", kind: str, top: str, inner: str
) -> None:
    with refused(prove.NAME):
        carol.create(build(kind, top=top, inner=inner))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "Pod"])
@pytest.mark.parametrize("inner", ["", "dave"])
def test_another_name_in_a_template_is_refused(
    carol: Client, build: "Build", refused: "Refused", kind: str, inner: str
) -> None:
    with refused(prove.NAME):
        carol.create(build(kind, top="carol", inner=inner))


def test_a_name_is_not_taken_off(alice: Client, build: "Build", refused: "Refused") -> None:
    pod = build("Pod", top="alice")  # a Job without labels takes those of its template again
    alice.create(pod)
    body = [{"op": "remove", "path": "/metadata/labels/labpass.dev~1submitted-by"}]
    with refused(prove.NAME):
        alice.patch(alice.path_of(pod), body, content_type=JSON_PATCH)
