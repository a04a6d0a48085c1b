"""`labpass whoami`: the server's view of who you are, and a cluster's when one is named."""

from datetime import datetime
from typing import Any

import click

from labpass.commands import from_api, output, signed_in, surroundings, welcome
from labpass.commands.output import Format
from labpass.kube.client import Client
from labpass.problems import NotFound, NotSignedIn
from labpass.session import folders, store

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@click.command()
@click.option("--cluster", metavar="NAME", help="Ask this cluster's API server too.")
@click.option("--offline", is_flag=True, help="Only what this machine knows.")
@output.option(output.ONE)
@click.pass_context
def whoami(ctx: click.Context, *, cluster: str | None, offline: bool, output: Format) -> None:
    """Show who the server says you are."""
    seen = _offline(ctx) if offline else _online(ctx)
    if cluster is not None:
        seen["cluster"] = _in_cluster(ctx, cluster)
    _show(seen, output, now=surroundings.of(ctx).now())


def _online(ctx: click.Context) -> dict[str, Any]:
    return {"server": signed_in.server(ctx).url, **from_api.get(ctx, "/me")}


def _offline(ctx: click.Context) -> dict[str, Any]:
    here = surroundings.of(ctx)
    server = signed_in.server(ctx)
    session = store.load(folders.find(here.environment), issuer=server.url, profile=here.profile)
    if session is None:
        raise NotSignedIn(f"Not signed in to {server.url}.", hint="Run: labpass login")
    return {
        "server": server.url,
        "handle": session.handle,
        "signed_in_at": session.signed_in_at.isoformat(timespec="seconds"),
    }


def _in_cluster(ctx: click.Context, name: str) -> dict[str, Any]:
    """Ask the API server itself who sends this token (what ``kubectl auth whoami`` asks)."""
    for project in from_api.items(ctx, "/me/projects"):
        if project.get("cluster") == name:
            break
    else:
        raise NotFound(f"You have no project on a cluster called {name}.")
    token = signed_in.cluster_token(ctx, str(project["audience"]))
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    with Client.from_token(str(project["server"]), project.get("ca"), token) as client:
        found = client.request("POST", REVIEW, body=review)
    info = found["status"]["userInfo"]
    return {"name": name, "username": info["username"], "groups": info.get("groups", [])}


def _show(seen: dict[str, Any], form: Format, *, now: datetime) -> None:
    inside = seen.get("cluster") or {}
    lines = [
        ("Person", seen["handle"]),
        ("Name", seen.get("display_name")),
        ("E-mail", seen.get("email")),
        ("Server", seen["server"]),
        ("Roles", [_role(role) for role in seen.get("roles", [])]),
        ("Signed in", seen.get("signed_in_at")),
        ("Session until", welcome.until(seen.get("session_expires_at"), now)),
        ("Cluster", inside.get("name")),
        ("Known there as", inside.get("username")),
        ("Groups there", inside.get("groups")),
    ]
    shown = [(label, value) for label, value in lines if value]
    output.show_one(seen, output=form, name=f"person/{seen['handle']}", lines=shown)


def _role(role: dict[str, Any]) -> str:
    where = role.get("project") or role.get("scope")
    return f"{role.get('role')} in {where}"
