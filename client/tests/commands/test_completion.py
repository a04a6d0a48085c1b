"""`labpass completion` for each shell, and what the shell then asks of us."""

import subprocess
import sys
from pathlib import Path

import pytest

LABPASS = str(Path(sys.executable).with_name("labpass"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_lines(shell: str) -> None:
    done = subprocess.run(
        [LABPASS, "completion", shell], capture_output=True, text=True, check=True
    )
    assert "_LABPASS_COMPLETE" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_shell_is_answered_with_commands_and_no_sign_in_is_needed(tmp_path: Path) -> None:
    done = subprocess.run(
        [LABPASS],
        env={
            "HOME": str(tmp_path),
            "COMP_WORDS": "labpass kubeconfig c",
            "COMP_CWORD": "2",
            "_LABPASS_COMPLETE": "bash_complete",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["plain,create"]
    assert list(tmp_path.iterdir()) == []
