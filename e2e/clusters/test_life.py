"""`down` ends exactly what `up` started, whatever happened to `up`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed import lifecycle, waiting
from testbed.programs import Programs

pytestmark = pytest.mark.testbed

PROGRAM = (sys.executable, "-m", "testbed")
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")


@pytest.fixture
def state(programs: Programs, tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    lifecycle.down(tmp_path / "state")


def _mentioning(state: Path) -> list[int]:
    """Return every process of this machine that has the state directory in its command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        pid = int(path.parent.name)
        if str(state).encode() in words and pid != os.getpid():
            found.append(pid)
    return found


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, check=False)


def test_detached_it_stays_up_until_down(state: Path) -> None:
    made = _run("up", "--bare", "--detach", "-o", "json", "--state", str(state))
    assert made.returncode == 0, made.stderr
    found = json.loads(made.stdout)
    assert (found["state"], found["labpass"], found["people"]) == (str(state), None, [])
    status = _run("status", "--state", str(state), "-o", "json")
    assert status.returncode == 0
    names = [each["name"] for each in json.loads(status.stdout)]
    assert names == [f"cluster-1-{program}" for program in CONTROL_PLANE]
    again = _run("up", "--bare", "--detach", "--state", str(state))
    assert (again.returncode, "a testbed is up" in again.stderr) == (1, True)
    assert _run("down", "--state", str(state)).returncode == 0
    assert _mentioning(state) == []
    assert not state.exists()
    assert _run("status", "--state", str(state)).returncode == 1


def _up(state: Path, *words: str) -> subprocess.Popen[str]:
    command = [*PROGRAM, "up", *(words or ("--bare",)), "-o", "json", "--state", str(state)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("started", [1, 2, 5])
def test_down_leaves_no_process_after_kill_9_of_up(state: Path, started: int) -> None:
    with _up(state) as up:
        waiting.until(
            lambda: len(lifecycle.status(state)) >= started, seconds=120, what="programs started"
        )
        up.kill()
    assert _mentioning(state)
    assert _run("down", "--state", str(state)).returncode == 0
    assert _mentioning(state) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_in_the_foreground_a_signal_takes_everything_down(
    state: Path, number: signal.Signals
) -> None:
    with _up(state) as up:
        assert up.stdout is not None
        assert up.stdout.readline() == "{\n"
        up.send_signal(number)
        up.communicate(timeout=60)
    assert _mentioning(state) == []
    assert not state.exists()


def test_down_ends_an_up_that_is_still_at_work(state: Path) -> None:
    with _up(state) as up:
        waiting.until(lambda: lifecycle.status(state), seconds=120, what="a program started")
        assert _run("down", "--state", str(state)).returncode == 0
        assert up.wait(timeout=60) != 0
        up.communicate()
    assert _mentioning(state) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_whole_one_that_is_stopped_half_way_leaves_nothing(
    state: Path, number: signal.Signals
) -> None:
    with _up(state, "--clusters", "1") as up:
        waiting.until(
            lambda: any(name == "labpass-server" for name, _, _ in lifecycle.status(state)),
            seconds=120,
            what="the server started",
        )
        waiting.until(
            (state / "people" / "dana" / "cluster-1.bundle.json").exists,
            seconds=120,
            what="trust is being configured",
        )
        up.send_signal(number)
        up.communicate(timeout=120)
    assert _run("down", "--state", str(state)).returncode == 0
    waiting.until(lambda: not _mentioning(state), seconds=60, what="nothing is left", every=0.2)


def test_a_program_that_ends_by_itself_takes_the_rest_down(state: Path) -> None:
    with _up(state) as up:
        assert up.stdout is not None
        assert up.stdout.readline() == "{\n"
        etcd = lifecycle.status(state)[0]
        os.kill(etcd[1], signal.SIGKILL)
        _, words = up.communicate(timeout=120)
    assert up.returncode == 1
    assert "cluster-1-etcd ended by itself" in words
    assert _mentioning(state) == []
