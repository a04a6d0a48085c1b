"""Real clusters for the tests of the whole system, by the same functions as `testbed up`.

One cluster serves a whole session; tests keep apart by namespaces of their own. A test that
changes what all would notice (the authentication configuration, admission policies) asks for
`fresh_cluster`, which is its own.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbed import document, lifecycle
from testbed.programs import Programs, find
from testbed.version import DEFAULT


@pytest.fixture(scope="session")
def testbed_states() -> Iterator[Callable[[str], Path]]:
    """Name this session's state directories; end what sessions left that were killed."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = home / "labpass" / "testbed" / "pytest"
    for left in folder.glob("*"):
        if lifecycle.is_abandoned(left):
            lifecycle.down(left)
    made: list[Path] = []

    def name(word: str) -> Path:
        made.append(folder / f"{os.getpid()}-{len(made)}-{word}")
        return made[-1]

    yield name
    for state in made:
        lifecycle.down(state)


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Find or build the programs; the first time this takes minutes."""
    return find.programs(DEFAULT)


@pytest.fixture(scope="session")
def bare_cluster(
    programs: Programs, testbed_states: Callable[[str], Path]
) -> Iterator[document.Cluster]:
    """One cluster without Labpass, for the whole session."""
    wanted = lifecycle.Wanted(state=testbed_states("bare"), programs=programs, bare=True)
    with lifecycle.running(wanted) as found:
        yield found.clusters[0]


@pytest.fixture(scope="session")
def testbed(
    programs: Programs, testbed_states: Callable[[str], Path]
) -> Iterator[document.Document]:
    """A whole testbed: one cluster, a server that it trusts, two projects, alice and bob."""
    wanted = lifecycle.Wanted(state=testbed_states("whole"), programs=programs)
    with lifecycle.running(wanted) as found:
        yield found


@pytest.fixture
def fresh_cluster(
    programs: Programs, testbed_states: Callable[[str], Path]
) -> Iterator[document.Cluster]:
    """One cluster without Labpass, for one test alone; it takes some ten seconds."""
    wanted = lifecycle.Wanted(state=testbed_states("fresh"), programs=programs, bare=True)
    with lifecycle.running(wanted) as found:
        yield found.clusters[0]
