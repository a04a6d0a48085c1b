"""The entrance of the command line: one printer for what went wrong, exit codes, no tracebacks."""

import os
import sys
from datetime import UTC, datetime

import click

from labpass import commands
from labpass.commands.surroundings import Surroundings
from labpass.problems import Interrupted, Problem, UsageProblem
from labpass.session import profiles


def now() -> datetime:
    """Ask the system for the time; the only place of the client that does."""
    return datetime.now(UTC)  # noqa: TID251 -- this is the one clock of the command line


@click.group(cls=commands.LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="labpass", prog_name="labpass")
@click.option("--profile", metavar="NAME", help="Which sign-in to use (LABPASS_PROFILE).")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def labpass(ctx: click.Context, profile: str | None, *, debug: bool) -> None:
    """Sign in to shared Kubernetes clusters; run work on them under your own name."""
    environment = dict(os.environ)  # noqa: TID251 -- read once, handed down as a value
    ctx.obj = Surroundings(
        environment=environment,
        now=now,
        profile=profiles.check(profile or environment.get("LABPASS_PROFILE") or profiles.DEFAULT),
        debug=debug,
    )


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; whatever went wrong is told on stderr."""
    try:
        result = labpass.main(args=arguments, prog_name="labpass", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as e:  # noqa: BLE001 -- outermost: no traceback for people
        if "--debug" in arguments:
            import traceback  # noqa: PLC0415 -- 10 ms that only a traceback needs

            traceback.print_exc()
        return _say(_problem(e))
    return result if isinstance(result, int) else 0


def _problem(error: BaseException) -> Problem:
    """Put every failure into the words of a `Problem`."""
    match error:
        case Problem():
            return error
        case KeyboardInterrupt() | click.exceptions.Abort():
            return Interrupted("Interrupted.")
        case click.exceptions.NoArgsIsHelpError():
            return UsageProblem(error.format_message())
        case click.UsageError():
            where = error.ctx.command_path if error.ctx else "labpass"
            return UsageProblem(error.format_message(), hint=f"{where} --help")
        case click.ClickException():
            return Problem(error.format_message())
        case _:
            what = f"{type(error).__name__}: {error}"
            return Problem(f"This is a fault in labpass itself. {what}", hint="labpass --debug ...")


def _say(problem: Problem) -> int:
    """Print what is wrong and why, then what to do next. Returns the exit code."""
    if isinstance(problem, Interrupted) and sys.stderr.isatty():
        click.echo(err=True)  # a terminal shows ^C where the question stands
    is_help = problem.message.startswith("Usage:")
    message = _harmless(problem.message)
    click.echo(message if is_help else f"labpass: {message}", err=True)
    if problem.hint:
        click.echo(f"  {_harmless(problem.hint)}", err=True)
    return problem.exit_code


def _harmless(words: str) -> str:
    """Leave out what could move a terminal's cursor: servers' and clusters' words come along."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in words)


def main() -> None:
    """Run the command line. A program that closed our stdin gets nobody to answer, not a crash."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 -- stays open
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
