"""Who could write the file, or a folder above it, chooses whom the cluster believes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from labpass.problems import Conflict, Problem
from labpass.rollout import trust_place


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "watched" / "authentication.yaml"
    path.parent.mkdir(mode=0o755)
    path.write_text("jwt: []\n")
    path.chmod(0o600)
    return path


def test_a_place_of_our_own_is_good(file: Path, tmp_path: Path) -> None:
    trust_place.check_file(file)
    trust_place.check_folder(tmp_path / "not" / "there" / "yet")


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o1777])
def test_a_folder_that_others_can_write_is_refused(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    with pytest.raises(Problem, match="can be written by others"):
        trust_place.check_file(file)
    with pytest.raises(Problem, match="can be written by others"):
        trust_place.check_folder(file.parent)


def test_a_file_that_others_can_write_is_refused(file: Path) -> None:
    file.chmod(0o660)
    with pytest.raises(Problem, match="can be written by others"):
        trust_place.check_file(file)


def test_a_folder_above_that_others_can_write_is_refused(file: Path) -> None:
    (inner := file.parent / "inner").mkdir()
    (deep := inner / "authentication.yaml").write_text("")
    file.parent.chmod(0o775)
    with pytest.raises(Problem, match="watched can be written by others"):
        trust_place.check_file(deep)
    file.parent.chmod(0o1777)  # as /tmp: nobody swaps what is not theirs
    trust_place.check_file(deep)


def test_a_link_into_a_place_of_others_is_refused(file: Path, tmp_path: Path) -> None:
    (link := tmp_path / "link.yaml").symlink_to(file)
    file.parent.chmod(0o777)
    with pytest.raises(Problem, match="can be written by others"):
        trust_place.check_file(link)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused(file: Path) -> None:
    os.chown(file.parent, 65534, 65534)
    with pytest.raises(Problem, match="belongs to somebody else"):
        trust_place.check_file(file)


def test_of_two_changes_at_once_the_second_is_told_to_wait(file: Path) -> None:
    with (
        trust_place.alone(file),
        pytest.raises(Conflict, match="Another labpass"),
        trust_place.alone(file),
    ):
        raise AssertionError("two at once")
    with trust_place.alone(file):
        assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_killed_process_leaves_no_lock_behind(file: Path) -> None:
    script = (
        "import sys, os, signal, pathlib\n"
        "from labpass.rollout import trust_place\n"
        "with trust_place.alone(pathlib.Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(file)], check=False)
    assert done.returncode == -9
    with trust_place.alone(file):
        pass
