"""`labpass rule`: who may do what where; each change shows what it would do, before it does."""

from datetime import datetime

import click

from labpass import commands
from labpass.api import rules
from labpass.api.fields import to_document
from labpass.api.rules import Plan, Rule
from labpass.commands import connected, moments, output, planned, surroundings
from labpass.commands.output import Column, Format
from labpass.problems import UsageProblem

ROLES = ("viewer", "researcher", "project-administrator", "organisation-administrator")
_COLUMNS = (
    Column(title="ID", of="id"),
    Column(title="PERSON", of="person"),
    Column(title="ROLE", of="role"),
    Column(title="WHERE", of=lambda item: str(item["project"] or item["scope"])),
    Column(title="UNTIL", of="ends_at"),
    Column(title="STATE", of="state"),
    Column(title="BY", of="created_by", is_wide=True),
    Column(title="CREATED", of="created_at", is_wide=True),
)
_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_DRY = click.option("--dry-run", is_flag=True, help="Show what it would do, and change nothing.")
_UNTIL = click.option("--until", metavar="END", help="When it ends: 30d, 2026-12-31.")
_REASON = click.option("--reason", metavar="TEXT", help="Why, for whoever looks later.")


@click.group(cls=commands.Group)
def rule() -> None:
    """Give, change and withdraw access."""


@rule.command("create")
@click.argument("person")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("-p", "--project", metavar="NAME", help="The project it holds for.")
@click.option("--organisation", is_flag=True, help="It holds for every project.")
@_UNTIL
@_REASON
@_YES
@_DRY
@output.option(output.ONE)
@click.pass_context
def create(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    person: str,
    *,
    role: str,
    project: str | None,
    organisation: bool,
    until: str | None,
    reason: str | None,
    yes: bool,
    dry_run: bool,
    output: Format,
) -> None:
    """Give a person a role, in a project or in the whole organisation."""
    if (project is None) is not organisation:
        raise UsageProblem("Where does it hold?", hint="--project NAME, or --organisation")
    body: dict[str, object] = {
        "person": person,
        "role": role,
        "scope": "organisation" if organisation else "project",
        **({} if project is None else {"project": project}),
        **_ending(until, surroundings.of(ctx).now()),
        **({} if reason is None else {"reason": reason}),
    }
    with connected.client(ctx) as client:
        if _goes_ahead(rules.plan_create(client, body), output, yes=yes, dry_run=dry_run):
            _show(rules.create(client, body), output)


@rule.command("list")
@click.option("--person", metavar="HANDLE", help="Only this person's.")
@click.option("-p", "--project", metavar="NAME", help="Only this project's.")
@output.option((*output.LISTS, Format.WIDE))
@click.pass_context
def list_(
    ctx: click.Context, /, *, person: str | None, project: str | None, output: Format
) -> None:
    """List rules."""
    with connected.client(ctx) as client:
        found = rules.load_all(client)
    fitting = [
        to_document(one)
        for one in found
        if person in {None, one.person} and project in {None, one.project}
    ]
    _list(fitting, output)


@rule.command()
@click.argument("rule_id", metavar="ID")
@output.option(output.ONE)
@click.pass_context
def show(ctx: click.Context, /, rule_id: str, output: Format) -> None:
    """Show one rule."""
    with connected.client(ctx) as client:
        _show(rules.load(client, rule_id), output)


@rule.command()
@click.argument("rule_id", metavar="ID")
@click.option("--role", type=click.Choice(ROLES))
@_UNTIL
@click.option("--no-end", is_flag=True, help="It no longer ends by itself.")
@_REASON
@_YES
@_DRY
@output.option(output.ONE)
@click.pass_context
def edit(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    rule_id: str,
    *,
    role: str | None,
    until: str | None,
    no_end: bool,
    reason: str | None,
    yes: bool,
    dry_run: bool,
    output: Format,
) -> None:
    """Change a rule in place: its role, its end."""
    if until is not None and no_end:
        raise UsageProblem("--until and --no-end exclude each other.")
    body: dict[str, object] = {
        **({} if role is None else {"role": role}),
        **_ending(until, surroundings.of(ctx).now()),
        **({"ends_at": None} if no_end else {}),
        **({} if reason is None else {"reason": reason}),
    }
    if not body:
        raise UsageProblem("What should change?", hint="--role, --until, --no-end or --reason")
    with connected.client(ctx) as client:
        if _goes_ahead(rules.plan_edit(client, rule_id, body), output, yes=yes, dry_run=dry_run):
            _show(rules.edit(client, rule_id, body), output)


@rule.command()
@click.argument("rule_id", metavar="ID")
@_YES
@_DRY
@output.option((Format.TEXT, Format.JSON, Format.YAML))
@click.pass_context
def delete(
    ctx: click.Context, /, rule_id: str, *, yes: bool, dry_run: bool, output: Format
) -> None:
    """Withdraw a rule; the clusters refuse within the second."""
    with connected.client(ctx) as client:
        plan = rules.plan_delete(client, rule_id)
        if _goes_ahead(plan, output, yes=yes, dry_run=dry_run, question="Withdraw it?"):
            rules.delete(client, rule_id)
            _say(f"Withdrawn: {rule_id}")


def _ending(until: str | None, now: datetime) -> dict[str, object]:
    return {} if until is None else {"ends_at": moments.parse(until, now).isoformat()}


def _goes_ahead(
    plan: Plan, form: Format, *, yes: bool, dry_run: bool, question: str = "Save it?"
) -> bool:
    """Show what a change would do, and ask; a dry run's plan is data, any other's are words."""
    if dry_run and form in {Format.JSON, Format.YAML}:
        output.show_document(to_document(plan), output=form)
        return False
    for line in planned.lines(plan):
        if dry_run:
            click.echo(line)
        else:
            output.words(line)
    if dry_run:
        return False
    output.confirm_or_stop(question, yes=yes)
    return True


def _say(line: str) -> None:
    output.words(line)


def _list(items: list[dict[str, object]], form: Format) -> None:
    output.show_list(
        items,
        output=form,
        columns=_COLUMNS,
        name=lambda item: f"rule/{item['id']}",
        empty="There are no rules that you may see.",
    )


def _show(found: Rule, form: Format) -> None:
    lines: list[tuple[str, object]] = [
        ("Id", found.id),
        ("Person", found.person),
        ("Role", found.role),
        ("Where", found.project or found.scope),
        ("Until", found.ends_at),
        ("Reason", found.reason),
        ("State", found.state),
        ("By", found.created_by),
        ("Created", found.created_at),
    ]
    output.show_one(to_document(found), output=form, name=f"rule/{found.id}", lines=lines)
