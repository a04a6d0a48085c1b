"""The table of commands, the one printer of problems, and what `labpass --help` may import."""

import importlib
import subprocess
import sys

import click
import pytest

from labpass import __main__, commands, problems
from labpass.problems import Problem

HEAVY = {"httpx2", "ruamel", "rich", "ssl", "asyncio", "yaml", "email", "http", "traceback"}


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_tables_line_is_the_commands_own(name: str) -> None:
    found = commands.COMMANDS[name]
    command = getattr(importlib.import_module(found.module), found.attribute)
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(limit=200).rstrip(".") == found.summary.rstrip(".")


def modules_of(*arguments: str) -> set[str]:
    script = (
        "import sys\n"
        "from labpass import __main__\n"
        f"code = __main__.run({list(arguments)!r})\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_loads_no_command_and_nothing_heavy() -> None:
    loaded = modules_of("--help")
    assert not {name.split(".")[0] for name in loaded} & HEAVY
    ours = {name for name in loaded if name.startswith("labpass.")}
    assert ours <= {
        "labpass.__main__",
        "labpass.commands",
        "labpass.commands.surroundings",
        "labpass.problems",
        "labpass.session",
        "labpass.session.profiles",
    }


ALLOWED_FOR_HELP = {"click", "labpass"}
"""Everything else that `labpass --help` loads is the standard library's, and none of `HEAVY`."""
BARE = 130  # modules, a third more than it is today; each new one has to be worth it


def test_help_loads_a_counted_number_of_modules() -> None:
    loaded = {name for name in modules_of("--help") if not name.startswith("_")}
    tops = {name.split(".")[0] for name in loaded}
    assert tops - set(sys.stdlib_module_names) <= {*ALLOWED_FOR_HELP, *tops_at_start()}
    assert len(loaded) < BARE, sorted(loaded)


def tops_at_start() -> set[str]:
    """What an interpreter of this environment loads by itself: editable installs, coverage."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_one_commands_help_loads_no_other_command() -> None:
    loaded = modules_of("logout", "--help")
    assert not {name.split(".")[0] for name in loaded} & {"httpx2", "ruamel", "rich"}


def test_an_unknown_command_and_no_command_are_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.run(["frobnicate"]) == 2
    assert "No such command 'frobnicate'" in capsys.readouterr().err
    assert __main__.run([]) == 2
    assert "Usage: labpass" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (Problem("It broke", "Mend it"), 1, "labpass: It broke\n  Mend it\n"),
        (problems.CheckFailed("No"), 3, "labpass: No\n"),
        (problems.Unreachable("Far"), 4, "labpass: Far\n"),
        (problems.NotSignedIn("Who"), 5, "labpass: Who\n"),
        (problems.Forbidden("No"), 6, "labpass: No\n"),
        (problems.TimedOut("Slow"), 124, "labpass: Slow\n"),
        (Problem("\x1b[2Jgone\x07"), 1, "labpass: \ufffd[2Jgone\ufffd\n"),
        (KeyboardInterrupt(), 130, "labpass: Interrupted.\n"),
        (click.exceptions.Abort(), 130, "labpass: Interrupted.\n"),
        (ZeroDivisionError("by zero"), 1, "fault in labpass itself. ZeroDivisionError: by zero"),
    ],
)
def test_every_failure_is_told_with_its_code_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    @click.command()
    def fails() -> None:
        raise error

    table = {"fails": commands.Lazy(__name__, "fails", "")}
    monkeypatch.setattr(commands, "COMMANDS", table)
    monkeypatch.setattr(commands.LazyGroup, "get_command", lambda *_: fails)
    assert __main__.run(["fails"]) == code
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_reader_that_left_is_no_failure_worth_words() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m labpass --help | true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
