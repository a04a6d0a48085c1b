"""`labpass trust`: make an API server believe the authority, prove it, and take it back."""

from pathlib import Path
from typing import Any

import click

from labpass import commands
from labpass.commands import output, surroundings, trust_options, trust_shown
from labpass.commands.output import Format
from labpass.commands.trust_options import Asked
from labpass.problems import CheckFailed
from labpass.rollout import trust as rollout
from labpass.rollout import trust_bundle, trust_file, trust_proof
from labpass.rollout.trust_bundle import Bundle
from labpass.rollout.trust_proof import Node
from labpass.rollout.trust_server import ApiServer
from labpass.session import folders
from labpass.trust import proof, steps
from labpass.trust.distribution import Change, Found

_FORMATS = (Format.TEXT, Format.JSON, Format.YAML)
_UNDO = "labpass trust undo"
_APPLY = "labpass trust apply"
_yes = click.option("--yes", is_flag=True, help="Do not ask before changing.")
_backup = click.option("--backup", type=click.Path(path_type=Path), help="Folder for the old file.")


@click.group(cls=commands.Group)
def trust() -> None:
    """Make an API server trust Labpass, and prove it."""


@trust.command()
@trust_options.options
@trust_options.instead_of
@output.option(_FORMATS, into="form")
def plan(form: Format, **options: Any) -> int:
    """Show the exact change; nothing is written."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    found = trust_options.found(asked, trust_options.server(asked))
    change = trust_options.change(asked, bundle, found)
    trust_shown.change(change, bundle.cluster, form, back=_UNDO)
    return CheckFailed.exit_code if change.is_refused else 0


@trust.command()
@trust_options.options
@trust_options.instead_of
@output.option(_FORMATS, into="form")
@_yes
@_backup
@click.pass_context
def apply(
    ctx: click.Context, /, form: Format, *, yes: bool, backup: Path | None, **options: Any
) -> None:
    """Change it the safe way: kept, watched, proven, given back when it is not healthy."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    server = trust_options.server_for_change(asked)
    change = trust_options.change(asked, bundle, trust_options.found(asked, server))
    _agree(change, bundle, form, yes=yes, back=_UNDO)
    node = _node(ctx, asked, server, backup)
    now = surroundings.of(ctx).now()
    done = rollout.apply(change, bundle, node, now=now, report=_say)
    trust_shown.applied(done, form)


@trust.command()
@trust_options.options
@output.option(_FORMATS, into="form")
@click.option("--dry-run", is_flag=True, help="Show the exact change; write nothing.")
@_yes
@_backup
@click.pass_context
def undo(
    ctx: click.Context,
    /,
    form: Format,
    *,
    dry_run: bool,
    yes: bool,
    backup: Path | None,
    **options: Any,
) -> None:
    """Take our issuer out of today's file, the same safe way; all else in it stays."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    server = trust_options.server_for_change(asked)
    change = trust_options.withdrawal(asked, bundle, trust_options.found(asked, server))
    if dry_run:
        trust_shown.change(change, bundle.cluster, form, back=_APPLY)
        return
    _agree(change, bundle, form, yes=yes, back=_APPLY)
    node = _node(ctx, asked, server, backup)
    now = surroundings.of(ctx).now()
    done = rollout.undo(change, bundle, node, now=now, report=_say)
    trust_shown.applied(done, form)


@trust.command()
@trust_options.options
@output.option(_FORMATS, into="form")
@click.pass_context
def verify(ctx: click.Context, /, form: Format, **options: Any) -> int:
    """Prove it from the cluster: names, groups, a refused token, the running bytes."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    if bundle.canary.expires_at <= surroundings.of(ctx).now():
        output.words("The bundle's tokens are over, so its canary will be refused. Renew them:")
        output.words(f"  labpass cluster bundle {bundle.cluster} -f {asked.bundle}")
    server = trust_options.needed_server(asked)
    version = trust_options.version(asked, server)
    watch = trust_proof.file_watch(trust_file.read(asked.file), version)
    seen = trust_proof.verify(bundle, _node(ctx, asked, server, None), watch)
    trust_shown.lines(seen, form)
    return 0 if proof.is_proven(seen) else CheckFailed.exit_code


@trust.command()
@trust_options.options
@output.option(_FORMATS, into="form")
def show(form: Format, **options: Any) -> None:
    """Show the whole text for an API server that trusts nobody yet, to be copied by hand."""
    asked = Asked(**options)
    bundle = trust_bundle.load(asked.bundle)
    server = trust_options.server(asked) if asked.server_version is None else None
    version = trust_options.version(asked, server)
    change = trust_options.change(asked, bundle, Found(version=version))
    if form is not Format.TEXT:
        trust_shown.change(change, bundle.cluster, form, back=_UNDO)
        return
    for step in change.steps:
        if isinstance(step, steps.WriteFile):
            click.echo(f"# {step.path}")
            click.echo(step.text, nl=False)
        else:
            click.echo("\n".join(f"# {line}" for line in steps.lines(step)))
    trust_shown.findings(change)


def _node(ctx: click.Context, asked: Asked, server: ApiServer, backup: Path | None) -> Node:
    where = folders.find(surroundings.of(ctx).environment)
    backups = trust_options.backups(backup, where)
    return Node(server=server, file=asked.file, backups=backups)


def _agree(change: Change, bundle: Bundle, form: Format, *, yes: bool, back: str) -> None:
    """Show the plan and ask; what is refused or changes nothing needs no answer."""
    if form is Format.TEXT:
        trust_shown.change(change, bundle.cluster, form, back=back)
    if not change.is_refused and not change.is_nothing:
        output.confirm_or_stop("Change it?", yes=yes)


def _say(line: str) -> None:
    output.words(f"  {line}")
