"""Real clusters for the tests of the whole system, by the same functions as `testbed up`.

One cluster serves a whole session; tests keep apart by namespaces of their own. A test that
changes what all would notice (the authentication configuration, admission policies) asks for
`fresh_cluster`, which is its own.
"""

import hashlib
import itertools
import os
import shutil
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testbed import document, furnished, lifecycle, waiting
from testbed.desk import Answer, Desk
from testbed.programs import Programs, find
from testbed.version import DEFAULT, Version

if TYPE_CHECKING:
    from playwright import sync_api

_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a password and a machine of their own; ``server`` is what they sign in to."""

    handle: str
    password: str
    desk: Desk
    server: str

    def sign_in(self) -> Desk:
        """Sign in without a terminal, and have a kubeconfig."""
        login = ("labpass", "login", "--server", self.server, "-u", self.handle)
        self.desk.ask(*login, "--password-stdin", stdin=self.password)
        self.desk.ask("labpass", "kubeconfig", "create", "--set-context")
        return self.desk


@dataclass(frozen=True, kw_only=True)
class World:
    """A testbed with people to be had; each test's people are its own."""

    testbed: document.Document
    programs: Programs
    folder: Path

    @property
    def labpass(self) -> document.Labpass:
        assert self.testbed.labpass is not None
        return self.testbed.labpass

    @property
    def server(self) -> str:
        """The address with the fingerprint of its CA, as people are given it."""
        found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.labpass.ca.read_text())).hexdigest()
        return f"{self.labpass.issuer}#sha256:{found}"

    def admin(self, *command: str, stdin: str = "") -> Answer:
        """Do something as the administrator, who is signed in."""
        house = furnished.house(self.testbed.state, self.programs)
        return house.desk.ask("labpass", *command, stdin=stdin)

    def person(self, handle: str) -> Person:
        """Return one of the testbed's people, at a new machine."""
        (found,) = (each for each in self.testbed.people if each.handle == handle)
        return self._at_a_desk(handle, found.password_file.read_text())

    def newcomer(self, *projects: str, temporary: bool = False) -> Person:
        """Make a person who may use these projects, and wait until the API servers agree."""
        made = self._at_a_desk(
            f"new-{os.getpid()}-{next(_numbers)}", "a fine password of their own"
        )
        kind = () if temporary else ("--permanent",)
        create = ("person", "create", made.handle, "--password-stdin", *kind)
        self.admin(*create, stdin=f"{made.password}\n")
        for project in projects:
            rule = (made.handle, "--role", "researcher", "-p", project)
            self.admin("rule", "create", *rule, "--yes")
            for cluster in self.testbed.clusters:
                self.await_access(made.handle, f"labpass-{project}", cluster)
        return made

    def await_access(self, handle: str, namespace: str, cluster: document.Cluster) -> None:
        """Wait until the API server itself would let them create a job."""
        admin = ("kubectl", "--kubeconfig", cluster.admin_kubeconfig, "-n", namespace)
        ask = (*admin, "auth", "can-i", "create", "jobs", f"--as=labpass:{handle}")
        desk = self._at_a_desk("asker", "").desk
        what = f"{handle} may create jobs in {namespace}"
        waiting.until(lambda: desk.run(*ask).code == 0, seconds=30, what=what)

    def _at_a_desk(self, handle: str, password: str) -> Person:
        home = self.folder / f"{handle}-{next(_numbers)}"
        desk = Desk(home=home, programs=(self.programs.folder,)).sit()
        return Person(handle=handle, password=password, desk=desk, server=self.server)


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
def kubernetes(pytestconfig: pytest.Config) -> Version:
    """The release to run on: ``--kubernetes``, else the testbed's own."""
    wanted = pytestconfig.getoption("--kubernetes")
    return Version.parse(wanted) if wanted else DEFAULT


@pytest.fixture(scope="session")
def programs(kubernetes: Version) -> Programs:
    """Find or build the programs; the first time this takes minutes."""
    return find.programs(kubernetes)


@pytest.fixture(scope="session")
def bare_cluster(
    programs: Programs, kubernetes: Version, testbed_states: Callable[[str], Path]
) -> Iterator[document.Cluster]:
    """One cluster without Labpass, for the whole session."""
    wanted = lifecycle.Wanted(
        state=testbed_states("bare"), programs=programs, version=kubernetes, bare=True
    )
    with lifecycle.running(wanted) as found:
        yield found.clusters[0]


@pytest.fixture(scope="session")
def testbed(
    programs: Programs, kubernetes: Version, testbed_states: Callable[[str], Path]
) -> Iterator[document.Document]:
    """A whole testbed: one cluster, a server that it trusts, two projects, alice and bob."""
    wanted = lifecycle.Wanted(state=testbed_states("whole"), programs=programs, version=kubernetes)
    with lifecycle.running(wanted) as found:
        yield found


@pytest.fixture
def fresh_cluster(
    programs: Programs, kubernetes: Version, testbed_states: Callable[[str], Path]
) -> Iterator[document.Cluster]:
    """One cluster without Labpass, for one test alone; it takes some ten seconds."""
    wanted = lifecycle.Wanted(
        state=testbed_states("fresh"), programs=programs, version=kubernetes, bare=True
    )
    with lifecycle.running(wanted) as found:
        yield found.clusters[0]


@pytest.fixture(scope="session")
def two_clusters(
    programs: Programs, kubernetes: Version, testbed_states: Callable[[str], Path]
) -> Iterator[document.Document]:
    """A whole testbed with two clusters that trust one server."""
    wanted = lifecycle.Wanted(state=testbed_states("two"), programs=programs, clusters=2)
    with lifecycle.running(wanted) as found:
        yield found


@pytest.fixture
def world(testbed: document.Document, programs: Programs, tmp_path: Path) -> World:
    """The whole testbed, with a folder for this test's machines."""
    return World(testbed=testbed, programs=programs, folder=tmp_path)


@pytest.fixture
def wide_world(two_clusters: document.Document, programs: Programs, tmp_path: Path) -> World:
    """The testbed with two clusters, with a folder for this test's machines."""
    return World(testbed=two_clusters, programs=programs, folder=tmp_path)


@pytest.fixture
def page(testbed: document.Document) -> "Iterator[sync_api.Page]":
    """An empty page of a Chromium that has never been anywhere; the CA is not in its store."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium; `make browser` installs one")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser.new_context(ignore_https_errors=True).new_page()
        browser.close()
