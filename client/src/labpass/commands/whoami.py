"""`labpass whoami`: the server's view of who you are, and a cluster's when one is named."""

from datetime import datetime
from typing import Any

import click

from labpass.commands import from_api, output, signed_in, surroundings, welcome
from labpass.commands.output import Format
from labpass.problems import NotFound, NotSignedIn
from labpass.session import folders, profiles, store


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
    there = signed_in.server(ctx)
    token = signed_in.credential(ctx, signed_in.api_audience(there))
    expiry = token.expires_at.isoformat(timespec="seconds")
    return {"server": there.url, **from_api.get(ctx, "/me"), "token_expires_at": expiry}


def _offline(ctx: click.Context) -> dict[str, Any]:
    here = surroundings.of(ctx)
    server = signed_in.server(ctx)
    session = store.load(folders.find(here.environment), issuer=server.url, profile=here.profile)
    if session is None:
        hint = f"Run: {profiles.command('login', here.profile)}"
        raise NotSignedIn(f"Not signed in to {server.url}.", hint=hint)
    return {
        "server": server.url,
        "handle": session.handle,
        "signed_in_at": session.signed_in_at.isoformat(timespec="seconds"),
    }


def _in_cluster(ctx: click.Context, name: str) -> dict[str, Any]:
    """Ask the API server itself who sends this token."""
    from labpass.commands import cluster_view  # noqa: PLC0415 -- httpx2 takes 100 ms; few ask this

    mine = from_api.items(ctx, "/me/projects")
    place = next((one for one in mine if one.get("cluster") == name), None)
    if place is None:
        raise NotFound(
            f"You have no project on a cluster called {name}.", hint="labpass project list"
        )
    found = signed_in.credential(ctx, str(place["audience"]))
    seen = cluster_view.ask(place, found.token)
    return {
        "name": name,
        "username": seen.username,
        "groups": list(seen.groups),
        "token_expires_at": found.expires_at.isoformat(timespec="seconds"),
    }


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
        ("Token until", _renewed(seen.get("token_expires_at"), now)),
        ("Cluster", inside.get("name")),
        ("Known there as", inside.get("username")),
        ("Groups there", inside.get("groups")),
        ("Token there", _renewed(inside.get("token_expires_at"), now)),
    ]
    shown = [(label, value) for label, value in lines if value]
    output.show_one(seen, output=form, name=f"person/{seen['handle']}", lines=shown)


def _renewed(given: object, now: datetime) -> str:
    ends = welcome.until(given, now)
    return f"{ends}, renewed by itself" if ends else ""


def _role(role: dict[str, Any]) -> str:
    where = role.get("project") or role.get("scope")
    return f"{role.get('role')} in {where}"
