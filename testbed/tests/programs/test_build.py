import json
import subprocess
import sys
from pathlib import Path

import pytest

from testbed import waiting
from testbed.problems import Problem
from testbed.programs import NAMES, build, find, lock
from testbed.version import DEFAULT

GO = """#!/bin/sh
case $1-$2 in
env-*) echo go1.26.8;;
mod-download) echo '{"GoMod": "/modules/go.mod"}';;
mod-edit) echo '{"Go": "1.26.0"}';;
build-*)
  echo "$PWD" >> "$RECORD"
  case "$*" in *"$FAILS"*) echo "no such package" >&2; exit 1;; esac
  echo built > "$4";;
esac
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a go that builds at once."""
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.write_text(GO)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    monkeypatch.setenv("FAILS", "nothing fails")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    return tmp_path / "cache" / "labpass" / "testbed"


def test_what_is_missing_is_built_once(cache: Path, tmp_path: Path) -> None:
    found = find.programs(DEFAULT)
    assert found.folder == cache / "v1.36.3"
    assert sorted(path.name for path in found.folder.iterdir()) == sorted([*NAMES, "built.json"])
    assert find.programs(DEFAULT) == found
    assert len((tmp_path / "record").read_text().splitlines()) == len(NAMES)


def test_a_failed_build_leaves_nothing_half_done_and_goes_on_from_there(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAILS", "kube-scheduler")
    with pytest.raises(Problem, match=r"kube-scheduler@v1.36.3 failed(.|\n)*no such package"):
        find.programs(DEFAULT)
    folder = cache / "v1.36.3"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["built.json", "etcd", "kube-apiserver", "kube-controller-manager"]
    )
    monkeypatch.setenv("FAILS", "nothing fails")
    (folder / ".building-killed").mkdir()
    find.programs(DEFAULT)
    assert not (folder / ".building-killed").exists()
    assert len((tmp_path / "record").read_text().splitlines()) == len(NAMES) + 1


def test_a_program_of_another_source_is_built_again(cache: Path) -> None:
    folder = find.programs(DEFAULT).folder
    stamps = json.loads((folder / "built.json").read_text())
    (folder / "built.json").write_text(json.dumps(stamps | {"etcd": "an older one"}))
    assert not build.is_built("etcd", folder, DEFAULT)
    find.programs(DEFAULT)
    assert build.is_built("etcd", folder, DEFAULT)


def test_kubebuilder_assets_come_first_when_they_are_whole(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    assert find.programs(DEFAULT).folder == cache / "v1.36.3"
    for name in NAMES:
        (assets / name).touch(mode=0o755)
    assert find.programs(DEFAULT).folder == assets


def test_a_peer_is_built_when_somebody_asks_for_it(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = find.programs(DEFAULT).folder
    assert not (folder / "kubelogin").exists()
    assert find.peer("kubelogin") == folder / "kubelogin"
    assert find.peer("kubelogin") == folder / "kubelogin"
    assert len((tmp_path / "record").read_text().splitlines()) == len(NAMES) + 1
    given = tmp_path / "kubelogin"
    given.touch(mode=0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    assert find.peer("kubelogin") == given


def test_progress_names_the_program_and_the_time(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    find.programs(DEFAULT)
    said = capsys.readouterr().err.splitlines()
    assert said[1] == "building kube-apiserver (2 of 6), 0 s so far"
    assert build.spell(72.9) == "1 min 12 s"


def test_one_builds_and_the_others_wait(tmp_path: Path) -> None:
    path, said = tmp_path / "lock", tmp_path / "said"
    script = (
        "import sys; from pathlib import Path; from testbed.programs import lock\n"
        "with lock.held(Path(sys.argv[1]), on_wait=lambda: Path(sys.argv[2]).write_text('waits')):"
        " pass\n"
    )
    with lock.held(path, on_wait=pytest.fail):
        other = subprocess.Popen([sys.executable, "-c", script, str(path), str(said)])
        waiting.until(said.exists, seconds=20, what="the other waits")
        assert other.poll() is None
    assert other.wait(timeout=20) == 0
