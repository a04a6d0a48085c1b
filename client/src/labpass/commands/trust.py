"""`labpass trust`: make an API server believe the authority, and prove it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from labpass.commands import output, surroundings
from labpass.commands.output import Format
from labpass.problems import CheckFailed, Interrupted, UsageProblem
from labpass.rollout import trust as rollout
from labpass.rollout import trust_bundle, trust_file, trust_server
from labpass.rollout.trust import Applied, Node
from labpass.rollout.trust_bundle import Bundle
from labpass.rollout.trust_server import ApiServer
from labpass.session import folders
from labpass.trust import proof, steps
from labpass.trust.distribution import Change, Found
from labpass.trust.distributions.self_managed import SelfManaged
from labpass.trust.errors import Invalid, NotExpressible
from labpass.trust.findings import Severity
from labpass.trust.version import Version

_FORMATS = (Format.TEXT, Format.JSON, Format.YAML)
_ROOTS_BACKUPS = Path("/var/lib/labpass/backup")
_SERVER_FILE = "/etc/kubernetes/labpass/authentication.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options that every command of this group shares."""

    bundle: Path
    config_file: Path
    kubeconfig: Path | None
    context: str | None
    server_version: str | None
    instead_of: tuple[str, ...]


def _options(command: Any) -> Any:
    """Add the shared options; the command gets them as one `Asked`."""
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "--server-version", metavar="VERSION", help="Kubernetes version, instead of asking."
        ),
        click.option("--context", metavar="NAME", help="Context of that kubeconfig."),
        click.option(
            "--kubeconfig",
            "--break-glass",
            "kubeconfig",
            type=path,
            help="An administrator's kubeconfig that does not depend on Labpass.",
        ),
        click.option(
            "--config-file",
            type=path,
            default=Path(_SERVER_FILE),
            show_default=True,
            help="The file that the API server's --authentication-config names.",
        ),
        click.option(
            "--instead-of",
            metavar="ISSUER",
            multiple=True,
            help="Take this issuer out, such as our own former address.",
        ),
        click.option("--bundle", type=path, required=True, help="What cluster bundle wrote."),
    ):
        command = option(command)
    return command


@click.group()
def trust() -> None:
    """Make an API server trust Labpass, and prove it."""


@trust.command()
@_options
@output.option(_FORMATS, into="form")
def plan(form: Format, **options: Any) -> int:
    """Show the exact change; nothing is written."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    server = _server(asked)
    change = _change(asked, bundle, _found(asked, server))
    _show_change(change, bundle, form)
    return CheckFailed.exit_code if change.is_refused else 0


@trust.command()
@_options
@output.option(_FORMATS, into="form")
@click.option("--yes", is_flag=True, help="Do not ask before changing.")
@click.option("--backup", type=click.Path(path_type=Path), help="Folder for the old file.")
@click.pass_context
def apply(
    ctx: click.Context, /, form: Format, *, yes: bool, backup: Path | None, **options: Any
) -> None:
    """Change it the safe way: kept, watched, proven, given back when it is not healthy."""
    here = surroundings.of(ctx)
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    server = _needed_server(asked)
    change = _change(asked, bundle, _found(asked, server))
    if form is Format.TEXT:
        _show_change(change, bundle, form)
    if not change.is_refused and not change.is_nothing and not _agreed(yes=yes):
        raise Interrupted("Nothing was changed.")
    backups = backup or _backups(folders.find(here.environment).state)
    node = Node(server=server, file=_absolute(asked.config_file), backups=backups)
    applied = rollout.apply(change, bundle, node, now=here.now(), report=_say)
    _show_applied(applied, form)


@trust.command()
@_options
@output.option(_FORMATS, into="form")
@click.pass_context
def verify(ctx: click.Context, /, form: Format, **options: Any) -> int:
    """Prove it from the cluster: names, groups, a refused token, the running bytes."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    if bundle.canary.expires_at <= surroundings.of(ctx).now():
        output.words("The bundle's tokens are over, so its canary will be refused. Renew them:")
        output.words(f"  labpass cluster bundle {bundle.cluster}")
    server = _needed_server(asked)
    version = _version(asked, server)
    file = _absolute(asked.config_file)
    watch = rollout.file_watch(trust_file.read(file), version)
    node = Node(server=server, file=file, backups=file.parent)
    lines = rollout.verify(bundle, node, watch)
    _show_proof(lines, form)
    return 0 if proof.is_proven(lines) else CheckFailed.exit_code


@trust.command()
@_options
@output.option(_FORMATS, into="form")
def show(form: Format, **options: Any) -> None:
    """Show the whole text for an API server that trusts nobody yet, to be copied by hand."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    version = _version(asked, _server(asked) if asked.server_version is None else None)
    change = _change(asked, bundle, Found(version=version))
    if form is not Format.TEXT:
        _show_change(change, bundle, form)
        return
    for step in change.steps:
        if isinstance(step, steps.WriteFile):
            click.echo(f"# {step.path}")
            click.echo(step.text, nl=False)
        else:
            click.echo("\n".join(f"# {line}" for line in steps.lines(step)))
    _show_findings(change)


def _server(asked: Asked) -> ApiServer | None:
    """Open the kubeconfig that was named; without one, only the version is needed."""
    if asked.kubeconfig is None:
        return None
    return trust_server.connect(asked.kubeconfig, asked.context)


def _needed_server(asked: Asked) -> ApiServer:
    server = _server(asked)
    if server is None:
        raise UsageProblem(
            "Which credential still works when everything else fails?",
            hint="--break-glass /etc/kubernetes/super-admin.conf",
        )
    return server


def _version(asked: Asked, server: ApiServer | None) -> Version:
    if asked.server_version is not None:
        try:
            return Version.parse(asked.server_version)
        except Invalid as e:
            raise UsageProblem(f"{e.reason}.") from e
    if server is None:
        raise UsageProblem(
            "Which version is the API server?", hint="--server-version v1.36.3, or --kubeconfig"
        )
    return server.version()


def _found(asked: Asked, server: ApiServer | None) -> Found:
    return rollout.find(_absolute(asked.config_file), _version(asked, server), server)


def _change(asked: Asked, bundle: Bundle, found: Found) -> Change:
    file = str(_absolute(asked.config_file))
    distribution = SelfManaged(config_file=file, instead_of=asked.instead_of)
    try:
        return distribution.change(bundle.config, found)
    except (Invalid, NotExpressible) as e:
        raise CheckFailed(f"{e}.", hint="nothing was changed") from e


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 -- a link in it must stay a link


def _backups(state: Path) -> Path:
    return _ROOTS_BACKUPS if os.geteuid() == 0 else state / "backup"


def _agreed(*, yes: bool) -> bool:
    return output.confirm("Change it?", yes=yes)


def _say(line: str) -> None:
    output.words(f"  {line}")


def _show_change(change: Change, bundle: Bundle, form: Format) -> None:
    if form is not Format.TEXT:
        document = {"cluster": bundle.cluster, **change.to_document()}
        output.show_document(document, output=form)
        return
    for step in change.steps:
        click.echo("\n".join(steps.lines(step)))
    for line in _effect(change):
        output.words(line)
    _show_findings(change)


def _show_findings(change: Change) -> None:
    for finding in change.findings:
        mark = "REFUSED" if finding.severity is Severity.REFUSED else "warning"
        output.words(f"{mark}: {finding}")


def _effect(change: Change) -> list[str]:
    effect = change.effect
    if change.is_nothing:
        return ["Nothing to change: it stands there already."]
    away = f"about {effect.away.seconds} s" if effect.away else "0 s"
    return [
        f"How:    {effect.how}, within {effect.within.seconds} s",
        f"No API: {away}",
        f"Known:  {change.evidence.proof}: {change.evidence.seen_on}",
        "Back:   the old bytes by themselves when it is not healthy; later: labpass trust plan",
    ]


def _show_applied(applied: Applied, form: Format) -> None:
    if form is not Format.TEXT:
        ran, accepted = applied.runs_after, applied.token_accepted_after
        document = {
            "proven": proof.is_proven(applied.lines),
            "proof": [line.to_document() for line in applied.lines],
            "runs_after_seconds": None if ran is None else round(ran.total_seconds(), 2),
            "token_accepted_after_seconds": (
                None if accepted is None else round(accepted.total_seconds(), 2)
            ),
            "backup": None if applied.backup is None else str(applied.backup),
        }
        output.show_document(document, output=form)
        return
    _show_proof(applied.lines, form)
    if applied.token_accepted_after is not None:
        seconds = applied.token_accepted_after.total_seconds()
        output.words(f"From written to token accepted: {seconds:.1f} s")


def _show_proof(lines: tuple[proof.Line, ...], form: Format) -> None:
    if form is not Format.TEXT:
        document = {
            "proven": proof.is_proven(lines),
            "proof": [line.to_document() for line in lines],
        }
        output.show_document(document, output=form)
        return
    width = max(len(line.name) for line in lines)
    for line in lines:
        click.echo(_proof_line(line, width))
    click.echo("proven" if proof.is_proven(lines) else "NOT proven")


def _proof_line(line: proof.Line, width: int) -> str:
    text = f"{line.verdict:<8}  {line.name:<{width}}  {output.plain(line.found)}"
    if line.verdict is proof.Verdict.FAILED:
        text += f"   (expected: {output.plain(line.expected)})"
    return text
