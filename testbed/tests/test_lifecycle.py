import os
import subprocess
from pathlib import Path

import pytest

from testbed import lifecycle, processes
from testbed.problems import Problem
from testbed.programs import Programs


def _wanted(state: Path) -> lifecycle.Wanted:
    return lifecycle.Wanted(state=state, programs=Programs(folder=Path("/nowhere")), bare=True)


def test_a_folder_with_something_else_in_it_is_never_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(Problem, match="something else"):
        lifecycle.up(_wanted(tmp_path))
    assert not lifecycle.down(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_down_where_nothing_is_up(tmp_path: Path) -> None:
    assert not lifecycle.down(tmp_path / "nothing")
    assert lifecycle.find(tmp_path / "nothing") is None


def test_programs_that_end_by_themselves_are_named_with_their_last_words(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with pytest.raises(Problem, match=r"cluster-1-etcd ended by itself(.|\n)*nowhere/etcd"):
        lifecycle.up(_wanted(state))
    assert lifecycle.status(state) == ()
    assert lifecycle.find(state) is None
    assert (state / "cluster-1" / "logs" / "etcd.log").exists()
    assert lifecycle.down(state)
    assert not state.exists()


def test_two_at_work_in_one_folder_are_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "testbed").write_text("")
    processes.record_myself(state / "owner")
    with pytest.raises(Problem, match=f"process {os.getpid()}"):
        lifecycle.up(_wanted(state))


def test_an_owner_that_is_gone_leaves_an_abandoned_testbed(tmp_path: Path) -> None:
    assert not lifecycle.is_abandoned(tmp_path)
    processes.record_myself(tmp_path / "owner")
    assert not lifecycle.is_abandoned(tmp_path)
    with subprocess.Popen(["true"]) as gone:
        (tmp_path / "owner").write_text(f"{gone.pid}\nsome other time\n")
    assert lifecycle.is_abandoned(tmp_path)


def test_down_tells_an_owner_at_work_to_stop(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "testbed").write_text("")
    with subprocess.Popen(["sleep", "60"]) as owner:
        raw = Path(f"/proc/{owner.pid}/stat").read_text()
        (state / "owner").write_text(f"{owner.pid}\n{raw}")
        assert lifecycle.down(state)
        owner.returncode = -15  # `down` has reaped it, being its parent
    assert not state.exists()
