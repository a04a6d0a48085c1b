"""Every command of a tutorial is run, and answers as the page says."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from testbed.programs import find
from testbed.version import DEFAULT

pytestmark = pytest.mark.testbed

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted((ROOT / "docs/tutorials").glob("*.md"))
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "-- end of answer --"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A command of the page, and what the page says it answers."""

    command: str
    answer: str


def _steps(page: Path) -> list[Said]:
    text = "".join(_BLOCK.findall(page.read_text()))
    found = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [
        Said(command=command, answer=answer)
        for command, _, answer in (step.partition("\n") for step in found)
    ]


def _pattern(answer: str) -> re.Pattern[str]:
    """``…`` alone on a line is any number of lines, elsewhere anything on its line."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\s*\n"
        for line in answer.splitlines()
    ]
    return re.compile("".join(lines))


@pytest.mark.timeout(420)
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_every_command_of_a_tutorial_answers_as_the_page_says(page: Path, tmp_path: Path) -> None:
    steps = _steps(page)
    assert len(steps) > 5
    script = "".join(f"{step.command} 2>&1\necho '{_MARK}'\n" for step in steps)
    programs = find.programs(DEFAULT).folder
    environment = {
        "PATH": f"{programs}:{ROOT}/.venv/bin:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "KUBEBUILDER_ASSETS": str(programs),
        "LANG": "C.UTF-8",
    }
    (tmp_path / "clone").mkdir()
    for name in ("Makefile", "requirements.lock", ".venv", "client", "server", "testbed"):
        (tmp_path / "clone" / name).symlink_to(ROOT / name)
    try:
        ran = subprocess.run(
            ["bash"],
            input=script,
            cwd=tmp_path / "clone",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        down = ["testbed", "down", "--state", str(tmp_path / "labpass-tutorial")]
        subprocess.run(down, env=environment, check=True, capture_output=True)
    answers = ran.stdout.split(f"{_MARK}\n")
    assert len(answers) == len(steps) + 1, ran.stdout + ran.stderr
    for step, answer in zip(steps, answers, strict=False):
        expected = _pattern(step.answer)
        assert expected.fullmatch(answer), f"$ {step.command}\n{answer}"
