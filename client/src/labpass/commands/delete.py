"""`labpass delete`: end a job and take it away."""

import click

from labpass import problems
from labpass.commands import output, refused, workplace
from labpass.workloads import delete as deleting
from labpass.workloads.kinds import job
from labpass.workloads.kinds.document import text


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@workplace.option_project
@workplace.option_cluster
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def delete(
    ctx: click.Context,
    names: tuple[str, ...],
    project: str | None,
    cluster: str | None,
    *,
    yes: bool,
) -> None:
    """Delete jobs with their pods and logs."""
    for name in names:
        _delete(ctx, name, project, cluster, yes=yes)


def _delete(
    ctx: click.Context, name: str, project: str | None, cluster: str | None, *, yes: bool
) -> None:
    here, found = workplace.holding(ctx, name, project=project, cluster=cluster)
    kind, workload = found
    owner = text(workload, "metadata", "labels", job.SUBMITTED_BY)
    whose = f", submitted by {owner}" if owner else ""
    what = output.plain(f"{kind.name} {name} in {here.place.project}{whose}")
    if not output.confirm(f"Delete {what}?", yes=yes):
        raise problems.UsageProblem(f"{what} was left as it is.")
    with refused.explained(here), here.connect() as api:
        was_there = deleting.delete(api, found, namespace=here.place.namespace)
    click.echo(f"{what} deleted." if was_there else f"{what} was gone already.")
