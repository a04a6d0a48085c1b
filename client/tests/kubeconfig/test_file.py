import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from labpass.kubeconfig import document, file, merging
from labpass.kubeconfig.document import Login, Place
from labpass.problems import Problem, TimedOut

OURS = document.build(
    [
        Place(
            context="vision@lab-a",
            server="https://lab-a.example",
            ca_pem=None,
            namespace="labpass-vision",
            login=Login(
                command="/opt/labpass-credential",
                key="0" * 64,
                issuer="https://login.example",
                audience="labpass-lab-a-12345678",
                profile="default",
            ),
        )
    ],
    current="vision@lab-a",
)
THEIRS = b"""# my own file
apiVersion: v1
kind: Config
current-context: home # stays
clusters:
- name: home
  cluster: {server: https://home.example}
users: null
contexts:
- name: home
  context: {cluster: home, user: me}
"""


def edit(found: dict[str, Any]) -> bool:
    return merging.merge(found, OURS, set_context=False)


def test_a_new_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config"
    assert file.change(path, edit)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert file.load(path) is not None


def test_what_is_there_stays_with_its_comments_and_current_context(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(THEIRS)
    assert file.change(path, edit)
    text = path.read_text()
    assert "# my own file" in text
    assert "current-context: home # stays" in text
    assert "vision@lab-a" in text


def test_the_second_time_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(THEIRS)
    file.change(path, edit)
    before = path.stat()
    assert not file.change(path, edit)
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_mode_and_symbolic_link_stay(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(THEIRS)
    real.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(real)
    assert file.change(link, edit)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert b"vision@lab-a" in real.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == sorted(["link", "real"]) or len(
        list(tmp_path.iterdir())
    ) == 2


def test_waits_for_kubectls_lock(tmp_path: Path) -> None:
    path = tmp_path / "config"
    lock = tmp_path / "config.lock"
    lock.touch()
    threading.Timer(0.2, lock.unlink).start()
    assert file.change(path, edit)
    assert not lock.exists()


def test_a_lock_that_stays_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "WAIT", 0.1)
    (tmp_path / "config.lock").touch()
    with pytest.raises(TimedOut, match=r"config\.lock"):
        file.change(tmp_path / "config", edit)


def test_a_lock_left_behind_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "config.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    assert file.change(tmp_path / "config", edit)


def test_a_damaged_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"a: 1\na: 2\n")
    with pytest.raises(Problem, match="twice"):
        file.change(path, edit)
    assert path.read_bytes() == b"a: 1\na: 2\n"
    assert not (tmp_path / "config.lock").exists()


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(THEIRS)
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from labpass.kubeconfig import file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "file.write(Path(sys.argv[1]), b'x' * 100)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert "Cannot write" in done.stderr
    assert path.read_bytes() == THEIRS
    assert [p.name for p in tmp_path.iterdir()] == ["config"]


@pytest.mark.parametrize(
    ("given", "listed", "chosen"),
    [("own", "a:b", "own"), (None, "a:b", "b"), (None, "a:c", "a"), (None, "", ".kube/config")],
)
def test_chooses_as_kubectl_does(
    tmp_path: Path, given: str | None, listed: str, chosen: str
) -> None:
    file.write(tmp_path / "b", b"contexts:\n- name: vision@lab-a\n")
    environment = {
        "HOME": str(tmp_path),
        "KUBECONFIG": ":".join(str(tmp_path / name) for name in listed.split(":") if name),
    }
    path = file.choose(environment, tmp_path / given if given else None, {"vision@lab-a"})
    assert path == tmp_path / chosen


def test_a_rewritten_file_with_kubectls_nulls_is_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "config"
    file.change(path, edit)
    path.write_text(path.read_text().replace("      args:", "      env: null\n      args:"))
    assert not file.change(path, edit)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write somebody else's file")
def test_under_sudo_a_persons_file_stays_theirs(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(b"a: 1\n")
    os.chown(path, 65534, 65534)
    path.chmod(0o640)
    file.write(path, b"a: 2\n")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
    assert path.stat().st_mode & 0o777 == 0o640
