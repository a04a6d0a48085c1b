"""The commands: parse, call, show."""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from testbed import document, lifecycle
from testbed.demo import play
from testbed.problems import Problem
from testbed.programs import find
from testbed.version import DEFAULT, Version

_RUNNING, _STOPPED = "running", "ended"
_LOOK_EVERY_SECONDS = 1.0


class _VersionType(click.ParamType[Version]):
    name = "version"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Version:
        try:
            return value if isinstance(value, Version) else Version.parse(str(value))
        except Problem as problem:
            self.fail(str(problem), param, ctx)


def _default_state() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "labpass" / "testbed" / "default"


_state = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=_default_state,
    help="Where the testbed keeps everything.",
)
_output = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to say it."
)
_kubernetes = click.option(
    "--kubernetes",
    "version",
    type=_VersionType(),
    default=DEFAULT,
    show_default=True,
    help="Which release to run.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def testbed() -> None:
    """Bring real Kubernetes API servers up on this machine, and take them down again."""


@testbed.command()
@_kubernetes
def programs(version: Version) -> None:
    """Find or build the programs, and say where they are."""
    _stop_on_signals()
    print(find.programs(version).folder)


@testbed.command()
@_state
@_kubernetes
@_output
@click.option("--bare", is_flag=True, help="Clusters alone, without Labpass.")
@click.option(
    "--clusters", type=click.IntRange(1, 9), default=1, show_default=True, help="How many clusters."
)
@click.option("--detach", is_flag=True, help="Return when it is up; `testbed down` ends it.")
def up(  # noqa: PLR0913 - one parameter for each option
    state: Path, version: Version, output: str, *, bare: bool, clusters: int, detach: bool
) -> None:
    """Bring a testbed up; without --detach it stays until Ctrl-C."""
    _stop_on_signals()
    wanted = lifecycle.Wanted(
        state=state.absolute(),
        programs=find.programs(version),
        version=version,
        clusters=clusters,
        bare=bare,
    )
    if detach:
        _show(lifecycle.up(wanted), output)
        return
    with lifecycle.running(wanted) as found:
        _show(found, output)
        _stay(found.state)


@testbed.command()
@_state
@_output
def status(state: Path, output: str) -> None:
    """Say what runs; exit 1 when something does not."""
    rows = lifecycle.status(state.absolute())
    if output == "json":
        print(
            json.dumps(
                [{"name": name, "pid": pid, "running": runs} for name, pid, runs in rows], indent=2
            )
        )
    for name, pid, runs in rows if output == "text" else ():
        print(f"{name:<40} {pid:>8} {_RUNNING if runs else _STOPPED}")
    if not rows:
        print(f"nothing is up in {state}", file=sys.stderr)
    sys.exit(0 if rows and all(runs for _, _, runs in rows) else 1)


@testbed.command()
@_state
@click.option("--keep-logs", is_flag=True, help="End the processes, keep the folder.")
def down(state: Path, *, keep_logs: bool) -> None:
    """End exactly what `up` started, also after a crash."""
    if not lifecycle.down(state.absolute(), keep_logs=keep_logs):
        print(f"nothing is up in {state}", file=sys.stderr)


@testbed.command()
@_kubernetes
def demo(version: Version) -> None:
    """Play the whole way on a real API server; on a terminal it then stays up until Ctrl-C."""
    _stop_on_signals()
    is_watched = sys.stdout.isatty()
    has_colour = is_watched and not os.environ.get("NO_COLOR")
    programs = find.programs(version)
    sys.exit(not play.demo(programs, version, is_watched=is_watched, has_colour=has_colour))


def _stop_on_signals() -> None:
    """Let SIGTERM and SIGHUP end `up` the way Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _stay(state: Path) -> None:
    """Stay until Ctrl-C; raises `Problem` when one of the programs ends by itself."""
    print("up; Ctrl-C takes it down", file=sys.stderr)
    pause = threading.Event()
    try:
        while not pause.wait(_LOOK_EVERY_SECONDS):
            if ended := [name for name, _, runs in lifecycle.status(state) if not runs]:
                raise Problem(f"{', '.join(ended)} ended by itself; taking the rest down")
    except KeyboardInterrupt:
        print("taking it down", file=sys.stderr)


def _show(found: document.Document, output: str) -> None:
    if output == "json":
        print(document.render(found), flush=True)
        return
    for cluster in found.clusters:
        print(f"{cluster.name}  Kubernetes {cluster.version} at {cluster.server}")
        print(f"  administrator  export KUBECONFIG={cluster.admin_kubeconfig}")
        print(f"  break glass    export KUBECONFIG={cluster.break_glass_kubeconfig}")
        print(f"  audit log      {cluster.audit_log}")
    for account in found.people:
        projects = [each.name for each in found.projects if account.handle in each.researchers]
        print(f"{account.handle}  may use {', '.join(sorted(set(projects)))}")
        print(f"  password       {account.password_file}")
    if found.labpass:
        print(f"labpass-server at {found.labpass.issuer}")
        print(f"  administrator  {found.labpass.admin.handle}")
        print(f"  password       {found.labpass.admin.password_file}")
    sys.stdout.flush()
