"""`labpass logs`: what a job's containers wrote."""

import time
from typing import Any

import click

from labpass import problems
from labpass.commands import refused, terminal, workplace
from labpass.commands.workplace import Here
from labpass.workloads import find
from labpass.workloads import logs as logging_of
from labpass.workloads.kinds.document import text


@click.command()
@click.argument("name")
@workplace.option_project
@workplace.option_cluster
@click.option("-f", "--follow", is_flag=True, help="Stay and print what comes.")
@click.option("--previous", is_flag=True, help="Of the container before its last restart.")
@click.option("--timestamps", is_flag=True, help="Put the time before each line.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="The last N lines.")
@click.option("--since", type=click.IntRange(min=1), metavar="SECONDS", help="No older lines.")
@click.option("-c", "--container", metavar="NAME", help="Which container of the pod.")
@click.option("--pod", metavar="NAME", help="Which pod of the job; the newest unless named.")
@click.pass_context
def logs(ctx: click.Context, /, **given: Any) -> None:
    """Print the log of a job, or of a pod."""
    here, found = workplace.holding(
        ctx, given["name"], project=given["project"], cluster=given["cluster"]
    )
    wish = logging_of.Wish(
        follow=given["follow"],
        previous=given["previous"],
        timestamps=given["timestamps"],
        tail=given["tail"],
        since_seconds=given["since"],
        container=given["container"],
    )
    try:
        _print(here, found, wish, given["pod"])
    except KeyboardInterrupt as e:
        raise problems.Interrupted(f"No longer following; {given['name']} goes on.") from e


def _print(here: Here, found: find.Found, wish: logging_of.Wish, pod: str | None) -> None:
    namespace = here.place.namespace
    with refused.explained(here), here.connect() as api:
        chosen = pod or text(
            logging_of.get_pod(api, found, namespace=namespace), "metadata", "name"
        )
        for line in logging_of.read(api, chosen, namespace=namespace, wish=wish, pause=_pause):
            click.echo(terminal.harmless(line))


def _pause() -> None:
    time.sleep(1)
