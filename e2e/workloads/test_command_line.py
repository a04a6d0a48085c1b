"""A researcher's day through the programs alone: submit, look, be refused, on a real API server."""

import hashlib
import json
import ssl
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from testbed.desk import Desk
from testbed.document import Document
from testbed.programs import Programs

pytestmark = pytest.mark.testbed
POD = "apiVersion: v1\nkind: Pod\n"


@pytest.fixture(scope="module")
def sit(
    testbed: Document, programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Desk]:
    """Seat one of the testbed's people at a desk, signed in."""
    labpass = testbed.labpass
    assert labpass is not None
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(labpass.ca.read_text())).hexdigest()

    def sit_down(handle: str) -> Desk:
        [account] = [one for one in testbed.people if one.handle == handle]
        desk = Desk(home=tmp_path_factory.mktemp(handle), programs=(programs.folder,)).sit()
        login = ("labpass", "login", "--server", f"{labpass.issuer}#sha256:{pin}")
        desk.ask(
            *login,
            "-u",
            handle,
            "--password-stdin",
            stdin=f"{account.password_file.read_text()}\n",
        )
        return desk

    return sit_down


@pytest.fixture(scope="module")
def alice(sit: Callable[[str], Desk]) -> Desk:
    """She may use vision."""
    return sit("alice")


@pytest.fixture(scope="module")
def bob(sit: Callable[[str], Desk]) -> Desk:
    """He may use vision and speech."""
    return sit("bob")


def _name() -> str:
    return f"job-{uuid.uuid4().hex[:8]}"


def test_a_job_runs_to_its_end_on_a_node_with_gpus(alice: Desk) -> None:
    name = _name()
    line = ("labpass", "submit", name, "-i", "busybox", "-g", "2", "-e", "TESTBED_DURATION=1s")
    done = alice.ask(*line, "--wait", "--timeout", "60", "--", "python", "train.py")
    assert done.out == f"Job {name} submitted to vision on cluster-1 as alice.\n"
    assert done.err.splitlines()[-1] == f"{name}: Completed"
    told = alice.ask("labpass", "describe", name).out
    assert "on gpu-" in told
    assert "Command:      python train.py" in told
    assert alice.ask("labpass", "logs", name, "--tail", "1").out.count("\n") == 1


def test_a_job_that_fails_is_an_exit_status(alice: Desk) -> None:
    wish = ("-i", "busybox", "-e", "TESTBED_DURATION=1s", "-e", "TESTBED_OUTCOME=failed")
    done = alice.run("labpass", "submit", _name(), *wish, "--wait", "--timeout", "60")
    assert done.code == 1
    assert "Failed (exit 1" in done.err


def test_waiting_has_an_end_and_says_why_nothing_runs(alice: Desk) -> None:
    name = _name()
    wish = ("-i", "busybox", "-g", "500", "--wait", "--timeout", "3")
    done = alice.run("labpass", "submit", name, *wish)
    assert done.code == 124
    alice.ask("labpass", "delete", name, "--yes")


def test_without_access_the_api_server_itself_says_no(alice: Desk) -> None:
    done = alice.run("labpass", "submit", _name(), "-p", "speech", "-i", "busybox")
    assert (done.code, done.out) == (6, "")
    assert (
        'jobs.batch is forbidden: User "labpass:alice" cannot create resource "jobs" in API group '
        '"batch" in the namespace "labpass-speech"'
    ) in done.err
    assert "researcher in project speech" in done.err


def test_a_job_in_anothers_name_is_stored_in_ones_own(alice: Desk, tmp_path: Path) -> None:
    name = _name()
    forged = f"{POD}metadata: {{name: {name}, labels: {{labpass.dev/submitted-by: bob}}}}\n"
    spec = "spec: {containers: [{name: c, image: busybox}]}\n"
    done = alice.ask("labpass", "submit", "-f", "-", stdin=forged + spec)
    assert done.out == f"Pod {name} submitted to vision on cluster-1 as alice.\n"
    listed = json.loads(alice.ask("labpass", "list", "-o", "json").out)["items"]
    [stored] = [one for one in listed if one["metadata"]["name"] == name]
    assert stored["metadata"]["labels"]["labpass.dev/submitted-by"] == "alice"


def test_a_policy_is_named_with_its_own_words(alice: Desk) -> None:
    pod = f"{POD}metadata: {{name: {_name()}}}\n"
    spec = "spec: {nodeName: gpu-1, containers: [{name: c, image: busybox}]}\n"
    done = alice.run("labpass", "submit", "-f", "-", stdin=pod + spec)
    assert done.code == 6
    assert "no nodeName" in done.err
    assert "A policy of the cluster refused it" in done.err


def test_a_dry_run_is_the_api_servers_answer_and_leaves_nothing(alice: Desk) -> None:
    name = _name()
    done = alice.ask("labpass", "submit", name, "-i", "busybox", "--dry-run")
    assert f"Job {name} would be submitted to vision on cluster-1 as alice." in done.out
    assert alice.run("labpass", "describe", name).code == 7


def test_who_has_several_projects_says_which_and_sees_all(alice: Desk, bob: Desk) -> None:
    name = _name()
    assert bob.run("labpass", "submit", name, "-i", "busybox").code == 2
    bob.ask("labpass", "submit", name, "-i", "busybox", "-p", "speech")
    assert name in bob.ask("labpass", "list", "-o", "name", "-A").out
    assert name not in alice.ask("labpass", "list", "-o", "name").out
    assert name in bob.ask("labpass", "describe", name).out


def test_a_colleague_may_delete_and_is_told_whose_it_was(alice: Desk, bob: Desk) -> None:
    name = _name()
    alice.ask("labpass", "submit", name, "-i", "busybox", "-e", "TESTBED_DURATION=60s")
    done = bob.ask("labpass", "delete", name, "--yes")
    assert done.out == f"Job {name} in vision, submitted by alice deleted.\n"


@pytest.mark.parametrize(
    "line",
    [
        ("submit", "{new}", "-i", "busybox", "-e", "TESTBED_DURATION=60s", "--wait"),
        ("logs", "{old}", "--follow"),
    ],
)
def test_ctrl_c_lets_go_and_the_job_goes_on(alice: Desk, line: tuple[str, ...]) -> None:
    old, new = _name(), _name()
    alice.ask("labpass", "submit", old, "-i", "busybox", "-e", "TESTBED_DURATION=60s", "--", "x")
    words = [word.format(old=old, new=new) for word in line]
    labpass = str(Path(sys.executable).with_name("labpass"))
    child = pexpect.spawn(labpass, words, env=dict(alice.environment), encoding="utf-8", timeout=30)
    child.expect_exact("Running" if new in words else "simulated")
    child.sendintr()
    child.expect_exact("goes on")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert (
        "Status:       Running"
        in alice.ask("labpass", "describe", new if new in words else old).out
    )
