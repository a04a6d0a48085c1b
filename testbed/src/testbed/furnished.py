"""A testbed with Labpass in it: a server that every cluster trusts, two projects, two people.

Everything is done by the public commands, as an administrator would type them.
"""

import functools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from testbed import authority, document, files, side_by_side, waiting
from testbed.desk import Desk
from testbed.processes import Processes
from testbed.programs import Programs

ADMINISTRATOR = "dana"
# Who may use what: alice one of the two projects, bob both.
RESEARCHERS: Mapping[str, tuple[str, ...]] = {"vision": ("alice", "bob"), "speech": ("bob",)}
_RULES_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where the administrator works and the passwords lie."""

    state: Path
    desk: Desk

    def account(self, handle: str) -> document.Account:
        """Return the account with a password of its own, made at the first asking."""
        path = files.folder(self.state / "labpass" / "passwords") / handle
        if not path.exists():
            files.write(path, secrets.token_urlsafe(18))
        return document.Account(handle=handle, password_file=path)


def house(state: Path, programs: Programs) -> House:
    """Return where the administrator of a testbed sits."""
    desk = Desk(home=state / "people" / ADMINISTRATOR, programs=(programs.folder,)).sit()
    return House(state=state, desk=desk)


def start(house: House, processes: Processes) -> document.Labpass:
    """Start a labpass-server and sign its administrator in."""
    found = authority.start(
        house.state / "labpass", processes=processes, environment=house.desk.environment
    )
    admin = house.account(ADMINISTRATOR)
    password = admin.password_file.read_text()
    authority.create_administrator(found, house.desk, handle=ADMINISTRATOR, password=password)
    login = ("labpass", "login", "--server", found.server, "--password-stdin", "-u", ADMINISTRATOR)
    house.desk.ask(*login, stdin=f"{password}\n")
    return document.Labpass(issuer=found.issuer, ca=found.ca, pid=found.pid, admin=admin)


def furnish(
    house: House,
    labpass: document.Labpass,
    bare: tuple[document.Cluster, ...],
    *,
    processes: Processes,
) -> document.Document:
    """Make the clusters trust the server, and people, projects and rules; return all that is there.

    The API servers take some ten seconds to load a configuration; the rest is made meanwhile.
    Raises `Problem` with the command and its words when one of them fails.
    """
    desk = house.desk
    clusters = tuple(_add(desk, cluster) for cluster in bare)
    with side_by_side.pool(len(clusters), processes) as pool:
        connected = [pool.submit(_connect, desk, cluster) for cluster in clusters]
        people = _create_people(house)
        projects = tuple(_create_projects(desk, clusters))
        _create_rules(desk)
        for each in connected:
            each.result()
    for project in projects:
        _await_rules(desk, project, clusters)
    return document.Document(
        state=house.state, clusters=clusters, labpass=labpass, people=people, projects=projects
    )


def _add(desk: Desk, cluster: document.Cluster) -> document.Cluster:
    made = desk.ask("labpass", "cluster", "add", cluster.name, "-o", "json")
    return replace(cluster, audience=json.loads(made.out)["audience"])


def _connect(desk: Desk, cluster: document.Cluster) -> None:
    """Make the cluster trust the server, and install what Labpass needs."""
    bundle = desk.home / f"{cluster.name}.bundle.json"
    desk.ask("labpass", "cluster", "bundle", cluster.name, "--file", bundle)
    where = ("--config-file", str(cluster.authentication_config))
    credential = ("--kubeconfig", cluster.break_glass_kubeconfig)
    desk.ask("labpass", "trust", "apply", "--bundle", bundle, *where, *credential, "--yes")
    admin = ("--kubeconfig", cluster.admin_kubeconfig)
    desk.ask("labpass", "cluster", "connect", cluster.name, *admin, "--yes")


def _create_people(house: House) -> tuple[document.Account, ...]:
    handles = sorted({handle for names in RESEARCHERS.values() for handle in names})
    accounts = tuple(house.account(handle) for handle in handles)
    for account in accounts:
        command = ("labpass", "person", "create", account.handle, "--password-stdin", "--permanent")
        house.desk.ask(*command, stdin=account.password_file.read_text() + "\n")
    return accounts


def _create_projects(
    desk: Desk, clusters: tuple[document.Cluster, ...]
) -> tuple[document.Project, ...]:
    where = [word for cluster in clusters for word in ("--cluster", cluster.name)]
    found = []
    for name, researchers in RESEARCHERS.items():
        namespace = f"labpass-{name}"
        desk.ask("labpass", "project", "create", name, *where, "--namespace", namespace)
        found += [
            document.Project(
                name=name, cluster=cluster.name, namespace=namespace, researchers=researchers
            )
            for cluster in clusters
        ]
    return tuple(found)


def _create_rules(desk: Desk) -> None:
    for project, researchers in RESEARCHERS.items():
        for handle in researchers:
            rule = (handle, "--role", "researcher", "-p", project)
            desk.ask("labpass", "rule", "create", *rule, "--yes")


def _await_rules(
    desk: Desk, project: document.Project, clusters: tuple[document.Cluster, ...]
) -> None:
    """Wait until the API server itself would let each researcher create a job there."""
    cluster = next(each for each in clusters if each.name == project.cluster)
    admin = ("--kubeconfig", cluster.admin_kubeconfig, "-n", project.namespace)
    for handle in project.researchers:
        command = ("kubectl", *admin, "auth", "can-i", "create", "jobs", f"--as=labpass:{handle}")
        waiting.until(
            functools.partial(_succeeds, desk, command),
            seconds=_RULES_SECONDS,
            what=f"{handle} may use {project.name} on {project.cluster}",
            every=0.2,
        )


def _succeeds(desk: Desk, command: tuple[str | Path, ...]) -> bool:
    return desk.run(*command).code == 0
