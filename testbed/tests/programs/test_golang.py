import shutil
from pathlib import Path

import pytest

from testbed.problems import Problem
from testbed.programs import golang


@pytest.mark.parametrize(
    ("text", "release"),
    [("go1.26.8\n", (26, 8)), ("1.26.0", (26, 0)), ("1.26", (26, 0)), ("go1.27rc1", (27, 0))],
)
def test_how_go_spells_its_versions(text: str, release: tuple[int, int]) -> None:
    assert golang.parse(text) == release


def test_anything_else_is_no_version() -> None:
    with pytest.raises(Problem):
        golang.parse("devel +abc")


def _go(folder: Path, version: str) -> None:
    folder.mkdir()
    program = folder / "go"
    program.write_text(f'#!/bin/sh\necho "{version}"\n')
    program.chmod(0o755)


def test_the_machines_own_go_is_taken_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _go(tmp_path / "bin", "go1.26.1")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    found = golang.find(tmp_path / "cache", least=(26, 0))
    assert (found.program, found.release) == (tmp_path / "bin" / "go", (26, 1))
    assert "GOCACHE" not in {
        key for key in found.environment if "cache/work" in found.environment[key]
    }


def test_an_old_one_gives_way_to_the_one_in_the_cache_with_folders_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _go(tmp_path / "bin", "go1.19")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    kept = tmp_path / "cache" / "go" / golang._pinned() / "go"
    kept.mkdir(parents=True)
    _go(kept / "bin", "go1.26.6")
    found = golang.find(tmp_path / "cache", least=(26, 0))
    assert found.program == kept / "bin" / "go"
    assert found.environment["GOMODCACHE"] == str(tmp_path / "cache" / "work" / "modules")
    with pytest.raises(Problem, match="put a newer one on PATH"):
        golang.find(tmp_path / "cache", least=(99, 0))


def test_the_pinned_one_is_held_by_hashes() -> None:
    assert golang._requirement().count("--hash=sha256:") > 5


@pytest.mark.skipif(shutil.which("go") is None, reason="this machine has no Go")
def test_what_a_go_command_says_when_it_fails_reaches_the_person(tmp_path: Path) -> None:
    found = golang.find(tmp_path, least=(0, 0))
    with pytest.raises(Problem, match="nowhere"):
        found.ask("mod", "edit", "-json", "/nowhere/go.mod")
