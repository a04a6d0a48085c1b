"""The whole way, as a newcomer plays it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from testbed.demo import play

pytestmark = pytest.mark.testbed


@pytest.mark.timeout(420)
def test_the_demo_plays_every_step_and_leaves_nothing_behind(tmp_path: Path) -> None:
    played = subprocess.run(
        [Path(sys.executable).with_name("testbed"), "demo"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    numbers = re.findall(r"^ok (\d)  ", played.stdout, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(play.STEPS) + 1)]
    assert not list(tmp_path.glob("labpass-demo-*"))
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(tmp_path) not in running.stdout
