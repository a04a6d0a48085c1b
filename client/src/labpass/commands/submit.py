"""`labpass submit`: run a container to its end in a project."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import click

from labpass import problems
from labpass.commands import output, refused, surroundings, workplace
from labpass.commands.workplace import Here
from labpass.workloads import files, wait
from labpass.workloads import submit as submitting
from labpass.workloads.kinds import job, own, resources
from labpass.workloads.kinds.document import text
from labpass.workloads.kinds.invalid import InvalidWorkload
from labpass.workloads.kinds.state import Status

FORMATS: Final = (output.Format.TEXT, output.Format.JSON, output.Format.YAML, output.Format.NAME)
FOR_EVER: Final = timedelta(days=3650)


@click.command()
@click.argument("name", required=False)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@workplace.option_project
@workplace.option_cluster
@click.option("-i", "--image", help="The container image to run.")
@click.option("-g", "--gpus", type=int, default=0, metavar="N", help="GPUs (nvidia.com/gpu).")
@click.option("--cpu", metavar="AMOUNT", help="Processors to ask for: 4, 500m.")
@click.option("--memory", metavar="AMOUNT", help="Memory to ask for, and the most: 64Gi.")
@click.option("-e", "--env", multiple=True, metavar="NAME=VALUE", help="Environment; repeatable.")
@click.option("--retries", type=int, default=0, metavar="N", help="Tries after a failure.")
@click.option("-f", "--file", "source", metavar="FILE", help="Your own YAML or JSON; - is stdin.")
@click.option("--dry-run", is_flag=True, help="Let the API server check it; create nothing.")
@click.option("--wait", "is_waiting", is_flag=True, help="Stay until it has ended; 1 if it failed.")
@click.option("--timeout", type=int, metavar="SECONDS", help="The longest --wait; then exit 124.")
@output.option(FORMATS)
@click.pass_context
def submit(ctx: click.Context, /, **given: Any) -> int:
    """Run a job in a project, in your own name.

    COMMAND, after --, takes the place of the image's own:

    \b
      labpass submit train -p vision -i ghcr.io/lab/train:v3 -g 1 -- python train.py
      labpass submit -p vision -f job.yaml
    """  # noqa: D301 -- click wants the backspace itself, not a backslash and a b
    wishes = _wishes(given)
    here = workplace.one(ctx, project=given["project"], cluster=given["cluster"])
    stored = _send(here, wishes, is_dry=given["dry_run"])
    _show(stored, here, given)
    if given["dry_run"] or not given["is_waiting"]:
        return 0
    return _wait(stored, here, given["timeout"])


def _wishes(given: Mapping[str, Any]) -> Sequence[submitting.Wish]:
    """Read the line; whatever is wrong with it is said before anything is asked of a server."""
    try:
        wishes = files.load(given["source"]) if given["source"] else [_job(given)]
        if given["source"] and (given["name"] or given["command"] or given["image"]):
            raise problems.UsageProblem("With -f the file alone says what to run.")
        for wish in wishes:
            submitting.check(wish)
    except InvalidWorkload as e:
        raise problems.UsageProblem(str(e), hint="labpass submit --help") from e
    return wishes


def _job(given: Mapping[str, Any]) -> job.Job:
    for option, what in (("name", "a NAME"), ("image", "an image (-i)")):
        if not given[option]:
            raise problems.UsageProblem(f"A job needs {what}.", hint="labpass submit --help")
    return job.Job(
        name=given["name"],
        image=given["image"],
        command=given["command"],
        env=tuple(job.variable(one) for one in given["env"]),
        resources=resources.Resources(gpus=given["gpus"], cpu=given["cpu"], memory=given["memory"]),
        retries=given["retries"],
    )


def _send(
    here: Here, wishes: Sequence[submitting.Wish], *, is_dry: bool
) -> Sequence[Mapping[str, Any]]:
    namespace, handle = here.place.namespace, here.handle()
    try:
        manifests = [
            submitting.render(wish, namespace=namespace, submitter=handle) for wish in wishes
        ]
    except InvalidWorkload as e:
        raise problems.UsageProblem(str(e)) from e
    with refused.explained(here), here.connect() as api:
        return submitting.submit(api, manifests, namespace=namespace, dry_run=is_dry)


def _show(stored: Sequence[Mapping[str, Any]], here: Here, given: Mapping[str, Any]) -> None:
    match given["output"]:
        case output.Format.JSON | output.Format.YAML:
            many = {"apiVersion": "v1", "kind": "List", "items": list(stored)}
            output.show_document(stored[0] if len(stored) == 1 else many, output=given["output"])
        case output.Format.NAME:
            for one in stored:
                click.echo(output.plain(own.get_kind(one).called(one["metadata"]["name"])))
        case _:
            for one in stored:
                click.echo(_line(one, here, is_dry=given["dry_run"]))
            if not given["dry_run"] and not given["is_waiting"]:
                name = stored[0]["metadata"]["name"]
                output.words(f"Next: labpass describe {name} -p {here.place.project}")


def _line(stored: Mapping[str, Any], here: Here, *, is_dry: bool) -> str:
    """Say what was stored, and under whose name: the label as the API server returned it."""
    who = text(stored, "metadata", "labels", job.SUBMITTED_BY)
    done = "would be submitted" if is_dry else "submitted"
    what = f"{stored['kind']} {stored['metadata']['name']}"
    by = f" as {who}" if who else ""
    return output.plain(f"{what} {done} to {here.place.project} on {here.place.cluster}{by}.")


def _wait(stored: Sequence[Mapping[str, Any]], here: Here, timeout: int | None) -> int:
    """Wait for all that runs; returns 1 where one of them failed."""
    now = surroundings.of(here.ctx).now
    until = now() + (timedelta(seconds=timeout) if timeout is not None else FOR_EVER)
    running = [one for one in stored if own.get_kind(one).makes_pods]

    def seconds_left() -> float:
        return (until - now()).total_seconds()

    ends = [_wait_for(one, here, seconds_left) for one in running]
    return int(any(end is Status.FAILED for end in ends))


def _wait_for(stored: Mapping[str, Any], here: Here, seconds_left: Callable[[], float]) -> Status:
    name = stored["metadata"]["name"]
    end = Status.PENDING
    try:
        for state in wait.until_finished(
            here.connect,
            (own.get_kind(stored), name),
            namespace=here.place.namespace,
            seconds_left=seconds_left,
            pause=_pause,
        ):
            end = state.status
            output.words(f"{name}: {state.status}{_because(state.reason)}")
    except KeyboardInterrupt as e:
        raise problems.Interrupted(
            f"No longer waiting; {name} goes on.", hint=f"to end it: labpass delete {name}"
        ) from e
    return end


def _because(reason: str) -> str:
    return f" ({output.plain(reason)})" if reason else ""


def _pause() -> None:
    time.sleep(2)
