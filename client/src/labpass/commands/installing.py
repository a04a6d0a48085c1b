"""Joins the cluster's own API server with the server's record of it: install, upgrade, remove."""

from dataclasses import dataclass
from pathlib import Path

from labpass.api import clusters
from labpass.api.client import Client
from labpass.api.clusters import Cluster, Connection
from labpass.cluster import manifest
from labpass.commands import output
from labpass.kube import client as kube
from labpass.kube import kubeconfig_entry
from labpass.rollout import install as rollout
from labpass.rollout import survey
from labpass.rollout.survey import State, Survey, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the options say."""

    kubeconfig: Path | None
    context: str | None
    server: str | None = None
    fresh_account: bool = False
    dry_run: bool = False
    yes: bool = False


def install(api: Client, record: Cluster, wish: Wish) -> Cluster | None:
    """Show what would change, ask, install, and hand the account over.

    Returns the record as it is then, `None` after a dry run. The server tries the account before
    it answers.
    """
    with _open(wish) as cluster:
        seen = survey.survey(cluster, _wanted(record))
        _show(seen)
        if wish.dry_run:
            return None
        output.confirm_or_stop(f"Install this in {cluster.endpoint.server}?", yes=wish.yes)
        made = rollout.install(cluster, seen, progress=_say, fresh_account=wish.fresh_account)
    connection = Connection(
        server=wish.server or made.server,
        ca=made.ca_pem,
        token=made.token,
        token_expires_at=made.token_expires_at,
        kubernetes_version=made.kubernetes_version,
        installed_definition=made.installed_definition,
    )
    return clusters.connect(api, record.name, connection)


def remove(api: Client, record: Cluster, wish: Wish, *, record_only: bool) -> None:
    """Let the server forget its account, take ours out of the cluster, then drop the record.

    In this order, so that nothing is put back while it is taken out.
    """
    if not record_only and record.state != "recorded":
        with _open(wish) as cluster:
            cluster.get("/version")
            clusters.disconnect(api, record.name)
            gone = rollout.remove(cluster, record.installation, progress=_say)
        for line in gone.stays:
            _say(f"stays: {line}")
    clusters.remove(api, record.name)


def _open(wish: Wish) -> kube.Client:
    return kube.Client.from_entry(kubeconfig_entry.load(wish.kubeconfig, wish.context))


def _wanted(record: Cluster) -> Wanted:
    return Wanted(
        installation=record.installation,
        username_prefix=record.username_prefix,
        groups_prefix=record.groups_prefix,
    )


def _show(seen: Survey) -> None:
    output.words(f"Kubernetes {seen.kubernetes_version}")
    for change in seen.changes:
        if change.state is not State.SAME:
            output.words(f"  {change.state:<8} {change.title}")
    for stale in seen.stale:
        output.words(f"  {'delete':<8} {manifest.title(stale)}: of another version of Labpass")
    same = sum(change.state is State.SAME for change in seen.changes)
    if same:
        output.words(f"  {same} more are as they should be")


def _say(line: str) -> None:
    output.words(f"  {output.plain(line)}")
