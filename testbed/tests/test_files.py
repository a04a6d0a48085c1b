from pathlib import Path

import pytest

from testbed import files, ports, waiting
from testbed.problems import Problem


def test_a_file_is_its_owners_alone_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    files.write(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_free_ports_differ() -> None:
    assert len({ports.free() for _ in range(20)}) > 1


def test_waiting_has_an_end_and_names_what_did_not_happen() -> None:
    with pytest.raises(Problem, match="the moon"):
        waiting.until(lambda: None, seconds=0.05, what="the moon", every=0.01)
