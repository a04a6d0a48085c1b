"""Whatever is typed, the answer is words and a documented exit code, never a traceback."""

import contextlib
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labpass import __main__

pytestmark = pytest.mark.slow

CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 124, 130}
WORDS = [
    "login",
    "logout",
    "whoami",
    "auth",
    "token",
    "kubeconfig",
    "create",
    "sanitize",
    "submit",
    "list",
    "describe",
    "logs",
    "delete",
    "project",
    "rule",
    "person",
    "cluster",
    "client",
    "trust",
    "plan",
    "apply",
    "verify",
    "undo",
    "show",
    "completion",
    "bash",
    "--server",
    "--profile",
    "--audience",
    "--issuer",
    "-o",
    "json",
    "--in",
    "--out",
    "--help",
    "--check",
    "--bundle",
    "--config-file",
    "--server-version",
    "--until",
    "--role",
    "-p",
    "-f",
    "-i",
    "-e",
    "--cpu",
    "--",
    "--local",
    "--all",
    "--yes",
    "--offline",
    "--cluster",
    "--password-stdin",
    "-u",
    "--browser-command",
    "https://127.0.0.1:1",
    "https://[::1",
    "https://h:99999",
    "../x",
    "/dev/null",
    "-",
    "'",
]
ARGUMENT = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(max_size=6))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(given_=st.lists(ARGUMENT, min_size=1, max_size=6))
def test_no_arguments_are_a_fault(
    given_: list[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.getbasetemp() / "any-arguments"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("LABPASS_HOME", str(home))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = __main__.run([one.replace("\0", "") for one in given_])
    assert code in CODES
    assert "fault in labpass" not in said.getvalue(), said.getvalue()
