import functools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed import processes, waiting

ENVIRONMENT = {"PATH": os.defpath}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[processes.Processes]:
    found = processes.Processes(tmp_path)
    found.open()
    yield found
    found.close()


def _start(running: processes.Processes, name: str, script: str, log: Path) -> processes.Process:
    running.start(name, ("/bin/sh", "-c", script), log=log, environment=ENVIRONMENT)
    return waiting.until(lambda: running.find(name), seconds=10, what=f"{name} on record")


def _says(log: Path, words: str) -> bool:
    return log.exists() and log.read_text() == words


def test_a_started_process_is_on_record_with_its_words_in_its_log(
    running: processes.Processes, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = _start(running, "one", "echo words; echo more >&2; exec sleep 60", log)
    assert process.is_running()
    waiting.until(lambda: log.read_text() == "words\nmore\n", seconds=10, what="words")
    assert log.stat().st_mode & 0o077 == 0


def test_it_sees_the_given_environment_alone(
    running: processes.Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    log = tmp_path / "log"
    _start(running, "one", "env; echo end; exec sleep 60", log)
    waiting.until(lambda: "end" in log.read_text(), seconds=10, what="words")
    assert "proxy" not in log.read_text()


def test_close_ends_everything_databases_last(running: processes.Processes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    say = "trap 'echo {name} >> {log}; exit 0' TERM; echo up; while :; do sleep 0.05; done"
    for name in ("etcd", "server"):
        own = tmp_path / name
        _start(running, name, say.format(name=name, log=log), own)
        waiting.until(functools.partial(_says, own, "up\n"), seconds=10, what="up")
    found = running.recorded()
    running.close()
    assert [process.is_running() for process in found] == [False, False]
    assert log.read_text().split() == ["server", "etcd"]
    assert running.recorded() == ()


def test_one_that_ignores_the_request_is_made_to_end(
    running: processes.Processes, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = _start(running, "deaf", "trap '' TERM; echo up; while :; do sleep 0.05; done", log)
    waiting.until(lambda: log.read_text() == "up\n", seconds=10, what="up")
    processes.end(process, grace=0.2)
    assert not process.is_running()


def test_a_later_process_with_the_same_id_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        impostor = processes.Process(name="gone", pid=stranger.pid, born="1")
        assert not impostor.is_running()
        processes.end(impostor)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_that_ended_and_waits_to_be_reaped_does_not_run(tmp_path: Path) -> None:
    child = subprocess.Popen(["sleep", "60"])
    record = tmp_path / "record"
    raw = Path(f"/proc/{child.pid}/stat").read_text()
    record.write_text(f"{child.pid}\n{raw}")
    found = processes.read(record)
    assert found is not None
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and still there
    assert not found.is_running()
    child.returncode = -signal.SIGKILL  # `is_running` has reaped it


def test_nothing_starts_after_close(running: processes.Processes, tmp_path: Path) -> None:
    running.close()
    mark = tmp_path / "mark"
    running.start(
        "late",
        ("/bin/sh", "-c", f"touch {mark}"),
        log=tmp_path / "log",
        environment=ENVIRONMENT,
    )
    waiting.until((tmp_path / "log").read_text, seconds=10, what="a refusal")
    assert not mark.exists()
    assert running.recorded() == ()


def test_what_a_killed_starter_left_is_found_and_ended(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from testbed import processes\n"
        "found = processes.Processes(Path(sys.argv[1])); found.open()\n"
        "for number in range(5):\n"
        "    found.start(f'p{number}', ('sleep', '60'), log=Path(sys.argv[1]) / 'log',"
        " environment={'PATH': os.defpath})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = processes.Processes(tmp_path)
    waiting.until(lambda: len(left.recorded()) == 5, seconds=10, what="five on record")
    found = left.recorded()
    assert all(process.is_running() for process in found)
    left.close()
    assert not any(process.is_running() for process in found)


def test_a_close_that_was_interrupted_is_finished_by_the_next(tmp_path: Path) -> None:
    running = processes.Processes(tmp_path)
    running.open()
    process = _start(running, "one", "exec sleep 60", tmp_path / "log")
    (tmp_path / "processes").rename(tmp_path / "processes.closed")
    running.open()
    second = _start(running, "two", "exec sleep 60", tmp_path / "log")
    running.close()
    assert not process.is_running()
    assert not second.is_running()
