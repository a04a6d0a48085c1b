import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from labpass.problems import Problem
from labpass.session import files


def test_what_is_written_is_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    files.write(path, b"secret")
    assert files.read(path) == b"secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_an_open_folder_of_ours_is_made_private(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    files.write(folder / "file", b"")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_there_is_none(tmp_path: Path) -> None:
    assert files.read(tmp_path / "no") is None
    assert files.read(tmp_path / "no" / "deeper") is None


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "planted").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "planted")
    with pytest.raises(Problem, match="symbolic link"):
        files.read(tmp_path / "link")


def test_a_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    path.chmod(0o640)
    with pytest.raises(Problem, match="read by others"):
        files.read(path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    os.chown(path, 12345, 12345)
    with pytest.raises(Problem, match="not a file of yours"):
        files.read(path)


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    with pytest.raises(Problem, match="not a file of yours"):
        files.read(tmp_path / "pipe")
    os.close(writer)


def test_space_is_taken_before_anything_is_asked(tmp_path: Path) -> None:
    """With a disk that is full at 100 bytes, the body of `reserved` is never entered."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from labpass.session import files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n"
        "    with files.reserved(Path(sys.argv[1]), 8192):\n"
        "        print('rotated')\n"
        "except files.CannotWrite as e:\n"
        "    print(e)\n"
    )
    path = tmp_path / "session"
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
    )
    assert "rotated" not in done.stdout
    assert "larger than this process may write" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "session"
    files.write(path, b"old")

    class Crash(Exception):
        pass

    def rotate() -> None:
        raise Crash

    with pytest.raises(Crash), files.reserved(path, 100):
        rotate()
    assert files.read(path) == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["session"]
