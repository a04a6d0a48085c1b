"""kubectl, with one credential of one cluster."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from testbed.programs import Programs


@dataclass(frozen=True, slots=True)
class Kubectl:
    program: Path
    kubeconfig: Path

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(self.program), "--kubeconfig", str(self.kubeconfig), *words]
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )

    def ask(self, *words: str, stdin: str = "") -> str:
        found = self.run(*words, stdin=stdin)
        assert found.returncode == 0, found.stderr
        return found.stdout

    def get(self, *words: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("get", *words, "-o", "json"))
        return found


@pytest.fixture
def kubectl(programs: Programs) -> Callable[[Path], Kubectl]:
    return lambda kubeconfig: Kubectl(programs.path("kubectl"), kubeconfig)
