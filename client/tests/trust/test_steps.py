"""Steps as a person and as a program read them."""

import pytest

from labpass.trust import steps
from labpass.trust.steps import AddArguments, ApplyObject, RunCommand, TellPerson, WriteFile

EACH: list[tuple[steps.Step, str, str]] = [
    (WriteFile(path="/a", text="b\n", before="b\n"), "file", "/a: stays as it is"),
    (WriteFile(path="/a", text="c", before="b\n"), "file", "--- /a\n+++ /a\n@@ -1 +1 @@\n-b\n+c"),
    (
        WriteFile(path="/a", text="c\n", before=None),
        "file",
        "--- /dev/null\n+++ /a\n@@ -0,0 +1 @@\n+c",
    ),
    (ApplyObject(manifest={"kind": "Shoot"}), "object", "apply Shoot"),
    (AddArguments(arguments=("--a=b",), where="here"), "arguments", "here:\n    --a=b"),
    (RunCommand(command=("rke", "up"), purpose="roll"), "command", "$ rke up   # roll"),
    (TellPerson(words="Restart it."), "words", "Restart it."),
]


@pytest.mark.parametrize(("step", "kind", "shown"), EACH)
def test_a_step_is_shown(step: steps.Step, kind: str, shown: str) -> None:
    assert steps.to_document(step)["kind"] == kind
    assert "\n".join(steps.lines(step)) == shown
