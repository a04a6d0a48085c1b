"""A sample on the oldest release that Labpass manages access in: no stamp there, the rest holds.

All of the attacks run there by ``pytest e2e/attacks --kubernetes 1.30.14``.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import names, pods, prove
from testbed import lifecycle
from testbed.programs import NAMES, Programs, find
from testbed.version import Version

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from e2e.attacks.conftest import Build, Refused, World

    from testbed import document

pytestmark = pytest.mark.testbed
OLDEST = Version.parse("1.30.14")


@pytest.fixture(scope="module")
def old(
    testbed_states: Callable[[str], Path],
    attacking: "Callable[[document.Cluster], AbstractContextManager[World]]",
) -> "Iterator[World]":
    folder = find.cache() / str(OLDEST)
    if any(not (folder / name).exists() for name in NAMES):
        pytest.skip(f"the programs of {OLDEST} are not built: testbed up --kubernetes {OLDEST}")
    programs = Programs(folder=folder)
    state = testbed_states("oldest")
    wanted = lifecycle.Wanted(state=state, programs=programs, version=OLDEST, bare=True)
    with lifecycle.running(wanted) as found, attacking(found.clusters[0]) as made:
        yield made


def test_a_plain_client_is_told_what_writes_the_name(
    old: "World", build: "Build", refused: "Refused"
) -> None:
    with pytest.raises(Exception, match="labpass submit writes it"):
        old.person("labpass:alice").create(build("Job"))
    with refused(prove.NAME):
        old.person("labpass:alice").create(build("Job"))


def test_a_job_with_ones_own_name_passes_and_anothers_does_not(
    old: "World", build: "Build", refused: "Refused", labels_of: Any
) -> None:
    alice = old.person("labpass:alice")
    stored = alice.create(build("Job", top="alice", inner="alice"))
    assert set(labels_of(stored)) == {"alice"}
    with refused(prove.NAME):
        alice.create(build("Job", top="bob", inner="bob"))
    with refused(prove.NAME):
        alice.create(build("Job", top="alice", inner="bob"))
    with refused(prove.NAME):
        label = {"metadata": {"labels": {names.SUBMITTED_BY: "bob"}}}
        alice.patch(alice.path_of(stored), label)


def test_the_pod_rules_hold(old: "World", build: "Build", refused: "Refused") -> None:
    carol = old.person("labpass:carol")
    with refused(pods.NAME):
        carol.create(build("Job", top="carol", inner="carol", nodeName="control-plane"))


def test_the_stolen_account_binds_nothing_in_kube_system(
    old: "World", binding: "Build", refused: "Refused"
) -> None:
    with refused("labpass-fence-bindings"):
        old.account.apply(binding("view", "mallory", place="kube-system"))


def test_the_stolen_account_makes_no_namespace_without_pod_security(
    old: "World", namespace: "Build", refused: "Refused"
) -> None:
    with refused("labpass-fence-namespaces"):
        old.account.apply(namespace("labpass-bare", **{names.POD_SECURITY_ENFORCE: ""}))
