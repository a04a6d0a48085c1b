"""The commands of two how-to pages that nobody wants to be the first to type."""

import hashlib
import json
import os
import re
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from labpass.rollout import trust_server
from labpass.secret import Secret
from testbed import document, lifecycle, waiting
from testbed.desk import Desk
from testbed.programs import Programs

pytestmark = [pytest.mark.testbed, pytest.mark.slow]

PAGES = Path(__file__).parents[2] / "docs/howto"
FILE = "/etc/kubernetes/labpass/authentication.yaml"
BREAK_GLASS = "/etc/kubernetes/super-admin.conf"
DATABASE = "/var/lib/labpass/labpass.db"


@pytest.fixture(scope="module")
def whole(programs: Programs, testbed_states: Callable[[str], Path]) -> Iterator[document.Document]:
    wanted = lifecycle.Wanted(state=testbed_states("howto"), programs=programs)
    with lifecycle.running(wanted) as found:
        yield found


@pytest.fixture
def dana(whole: document.Document, programs: Programs) -> Desk:
    return Desk(home=whole.state / "people" / "dana", programs=(programs.folder,))


@dataclass
class Server:
    """The testbed's labpass-server, to be stopped, and started with the same command."""

    at: document.Labpass
    words: list[str]
    again: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        if self.again is None:
            os.kill(self.at.pid, signal.SIGTERM)
        else:
            self.again.terminate()
            self.again.wait(30)
        lock = Path(self.at.ca).with_name("lock")
        waiting.until(lambda: is_free(lock), seconds=30, what="its folder is free")

    def start(self) -> None:
        if not is_ready(self.at):
            log = subprocess.DEVNULL
            self.again = subprocess.Popen(self.words, stdout=log, stderr=log)
            waiting.until(lambda: is_ready(self.at), seconds=60, what="the server is back")


@pytest.fixture(scope="module")
def server(whole: document.Document) -> Iterator[Server]:
    assert whole.labpass is not None
    words = Path(f"/proc/{whole.labpass.pid}/cmdline").read_text().split("\0")[:-1]
    made = Server(at=whole.labpass, words=words)
    yield made
    if made.again is not None:
        made.again.terminate()
        made.again.wait(30)


def lines(page: str, *, having: str = "", until: str = "") -> list[str]:
    """Return the commands of a page that hold some text, up to some heading."""
    text = (PAGES / page).read_text()
    blocks = re.findall(
        r"^ *```console\n(.*?)^ *```$",
        text.partition(until)[0] if until else text,
        re.MULTILINE | re.DOTALL,
    )
    found = re.findall(r"^ *[$#] (.*)$", "".join(blocks), re.MULTILINE)
    chosen = [line for line in found if having in line]
    assert chosen, f"{page} has no command with {having}"
    return chosen


def type_(desk: Desk, line: str, whole: document.Document) -> str:
    """Type a command of a page, with this testbed's own paths and names in it."""
    (cluster,) = whole.clusters
    for there, here in {
        FILE: cluster.authentication_config,
        BREAK_GLASS: cluster.break_glass_kubeconfig,
        DATABASE: whole.state / "labpass/data/labpass.db",
        "cluster bundle lab ": f"cluster bundle {cluster.name} ",
    }.items():
        line = line.replace(there, str(here))
    return desk.ask("sh", "-c", line).out


def is_believed(token: str, whole: document.Document) -> bool:
    (cluster,) = whole.clusters
    server = trust_server.connect(cluster.break_glass_kubeconfig)
    return server.bearer(Secret(token)).status != 401


def test_after_a_theft_an_old_token_ends_with_one_changed_byte(
    whole: document.Document, server: Server, dana: Desk, programs: Programs, tmp_path: Path
) -> None:
    assert whole.labpass is not None
    (cluster,) = whole.clusters
    alice = Desk(home=tmp_path / "alice", programs=(programs.folder,)).sit()
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(whole.labpass.ca.read_text())).hexdigest()
    (password,) = (p.password_file.read_text() for p in whole.people if p.handle == "alice")
    login = ("labpass", "login", "--server", f"{whole.labpass.issuer}#sha256:{pin}")
    alice.ask(*login, "-u", "alice", "--password-stdin", stdin=password)
    token = ("labpass", "auth", "token", "--audience", str(cluster.audience))
    old = alice.ask(*token).out.strip()
    assert is_believed(old, whole)

    (remove,) = lines("rotate-keys.md", having="delete from keys")
    server.stop()
    type_(dana, remove, whole)
    server.start()
    assert is_believed(old, whole), "an API server goes on believing what it has cached"
    (change,) = lines("rotate-keys.md", having="signing keys replaced")
    type_(dana, change, whole)
    waiting.until(lambda: not is_believed(old, whole), seconds=120, what="the old token over")
    said = [type_(dana, line, whole) for line in lines("rotate-keys.md", having="lab.json")]
    assert said[-1].endswith("\nproven\n")


def is_ready(server: document.Labpass) -> bool:
    context = ssl.create_default_context(cafile=str(server.ca))
    try:
        with httpx2.Client(verify=context, trust_env=False) as client:
            return client.get(f"{server.issuer}/readyz").status_code == 200
    except (OSError, httpx2.HTTPError):
        return False


def is_free(lock: Path) -> bool:
    return subprocess.run(["flock", "--nonblock", lock, "true"], check=False).returncode == 0


def test_trust_is_rolled_back_as_the_page_says(
    whole: document.Document, server: Server, dana: Desk
) -> None:
    (cluster,) = whole.clusters
    server.start()
    try:
        for line in lines("roll-back-trust.md", until="## How to check"):
            agreed = " --backup kept --yes" if line.startswith("sudo ") else ""
            type_(dana, f"{line.removeprefix('sudo ')}{agreed}", whole)
        assert cluster.authentication_config is not None
        assert "jwt: []" in cluster.authentication_config.read_text()
        bundle = json.loads((dana.home / "lab.json").read_text())
        token = bundle["canary"]["token"]
        waiting.until(lambda: not is_believed(token, whole), seconds=120, what="nobody believed")
        (verify,) = lines("roll-back-trust.md", having="trust verify")
        said = type_(dana, f"{verify}; echo exit $?", whole)
        assert "passed    the running configuration" in said
        assert said.endswith("NOT proven\nexit 3\n")
    finally:
        (apply,) = lines("trust-an-api-server.md", having="trust apply")
        type_(dana, f"{apply.removeprefix('sudo ')} --backup kept --yes", whole)
