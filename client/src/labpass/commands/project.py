"""`labpass project`: mine, with the command to use each; for administrators, all of them."""

import click

from labpass import commands
from labpass.api import projects
from labpass.api.fields import to_document
from labpass.api.projects import Project
from labpass.commands import connected, output
from labpass.commands.output import Column, Format, Item
from labpass.problems import UsageProblem

_MINE = (
    Column(title="PROJECT", of="project"),
    Column(title="CLUSTER", of="cluster"),
    Column(title="ROLE", of="role"),
    Column(title="UNTIL", of="ends_at"),
    Column(title="USE IT", of=lambda item: f"labpass submit NAME -p {item['project']} -i IMAGE"),
    Column(title="NAMESPACE", of="namespace", is_wide=True),
    Column(title="SERVER", of="server", is_wide=True),
)


def _places(item: Item) -> str:
    namespaces = item["namespaces"]
    assert isinstance(namespaces, tuple)
    return ", ".join(f"{one['cluster']}/{one['namespace']}" for one in namespaces)


_ALL = (
    Column(title="PROJECT", of="name"),
    Column(title="NAMESPACES", of=_places),
    Column(title="HIDDEN", of="hidden"),
    Column(title="POD SECURITY", of="pod_security", is_wide=True),
    Column(title="CREATED", of="created_at", is_wide=True),
)
_LEVELS = ("baseline", "restricted")
_HIDDEN = click.option("--hidden/--visible", default=None, help="Is its name a secret?")
_LEVEL = click.option("--pod-security", type=click.Choice(_LEVELS), help="baseline unless set.")
_CLUSTERS = click.option(
    "--cluster", "clusters", metavar="NAME", multiple=True, help="Where it lives; may be repeated."
)


@click.group(cls=commands.Group)
def project() -> None:
    """List your projects; make and change them."""


@project.command("list")
@click.option("--all", "everything", is_flag=True, help="Every project you may know of.")
@output.option((*output.LISTS, Format.WIDE))
@click.pass_context
def list_(ctx: click.Context, /, *, everything: bool, output: Format) -> None:
    """List the projects you can use, with the command to use each."""
    with connected.client(ctx) as client:
        if everything:
            _list_all([to_document(one) for one in projects.load_all(client)], output)
        else:
            _list_mine([to_document(one) for one in projects.load_mine(client)], output)


@project.command()
@click.argument("name")
@output.option(output.ONE)
@click.pass_context
def show(ctx: click.Context, /, name: str, output: Format) -> None:
    """Show one project."""
    with connected.client(ctx) as client:
        _show(projects.load(client, name), output)


@project.command("create")
@click.argument("name")
@_CLUSTERS
@click.option("--namespace", metavar="NAME", help="labpass-NAME unless set.")
@_HIDDEN
@_LEVEL
@output.option(output.ONE)
@click.pass_context
def create(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    clusters: tuple[str, ...],
    namespace: str | None,
    hidden: bool | None,
    pod_security: str | None,
    output: Format,
) -> None:
    """Make a project on the clusters named; its namespaces follow within moments."""
    body = {"name": name, "clusters": list(clusters), **_changes(hidden, pod_security)}
    if namespace is not None:
        body["namespace"] = namespace
    with connected.client(ctx) as client:
        _show(projects.create(client, body), output)


@project.command()
@click.argument("name")
@_CLUSTERS
@_HIDDEN
@_LEVEL
@output.option(output.ONE)
@click.pass_context
def edit(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    clusters: tuple[str, ...],
    hidden: bool | None,
    pod_security: str | None,
    output: Format,
) -> None:
    """Change a project; the clusters named are then all that it is on."""
    body = _changes(hidden, pod_security)
    if clusters:
        body["clusters"] = list(clusters)
    if not body:
        raise UsageProblem("What should change?", hint="--cluster, --hidden, --pod-security")
    with connected.client(ctx) as client:
        _show(projects.edit(client, name, body), output)


@project.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete(ctx: click.Context, /, name: str, *, yes: bool) -> None:
    """Delete a project and its rules; namespaces and what is in them stay."""
    output.confirm_or_stop(f"Delete {name}? Everybody loses access to it.", yes=yes)
    with connected.client(ctx) as client:
        gone = projects.delete(client, name)
    output.words(f"Deleted: {name}")
    for one in gone.namespaces:
        output.words(f"  stays: namespace {one.namespace} on {one.cluster}, with all that is in it")


def _changes(hidden: bool | None, pod_security: str | None) -> dict[str, object]:  # noqa: FBT001 -- three values: yes, no, not said
    given = {"hidden": hidden, "pod_security": pod_security}
    return {name: value for name, value in given.items() if value is not None}


def _list_mine(items: list[dict[str, object]], form: Format) -> None:
    output.show_list(
        items,
        output=form,
        columns=_MINE,
        name=lambda item: f"project/{item['project']}",
        empty="You have no access to any project yet; ask an administrator for a rule.",
    )


def _list_all(items: list[dict[str, object]], form: Format) -> None:
    output.show_list(
        items,
        output=form,
        columns=_ALL,
        name=lambda item: f"project/{item['name']}",
        empty="There are no projects that you may know of.",
    )


def _show(found: Project, form: Format) -> None:
    places = [f"{one.cluster}/{one.namespace} ({one.state})" for one in found.namespaces]
    lines: list[tuple[str, object]] = [
        ("Project", found.name),
        ("Namespaces", places),
        ("Hidden", found.hidden),
        ("Pod Security", found.pod_security),
        ("Created", found.created_at),
    ]
    output.show_one(to_document(found), output=form, name=f"project/{found.name}", lines=lines)
