import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from labpass.problems import TimedOut
from labpass.session import locks


@pytest.fixture(params=["kernel", "no locks here (NFS)"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every promise holds with the kernel's locks and where the file system has none."""
    if request.param != "kernel":

        def no_locks(*_: Any) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr("fcntl.flock", no_locks)
    return tmp_path / "a.lock"


def test_one_at_a_time(path: Path) -> None:
    inside = most = 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(5):
            with locks.hold(path):
                with guard:
                    inside += 1
                    most = max(most, inside)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_waiting_has_an_end(path: Path) -> None:
    with locks.hold(path), pytest.raises(TimedOut), locks.hold(path, wait=0.1):
        raise AssertionError


def test_a_failure_inside_gives_the_lock_back(path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), locks.hold(path):
        raise ValueError("inside")
    with locks.hold(path, wait=0):
        pass


def test_where_nothing_can_be_written_there_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file stands where the folder belongs")
    with locks.hold(tmp_path / "locks" / "a.lock"), locks.hold(tmp_path / "locks" / "a.lock"):
        pass


def test_what_a_dead_process_left_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    held = tmp_path / "a.held"
    held.touch()
    os.utime(held, (0, 0))
    with locks.hold(tmp_path / "a.lock", wait=0):
        assert held.stat().st_mtime > 0
    assert not held.exists()
