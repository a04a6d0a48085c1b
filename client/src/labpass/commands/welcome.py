"""How a session's end is said, and what a person does after signing in."""

from datetime import datetime

import click

from labpass.commands import from_api, surroundings
from labpass.login.code_flow import SignedIn
from labpass.problems import Problem
from labpass.session import profiles, renewal

ADMINISTRATOR = "organisation-administrator"


def until(given: object, now: datetime) -> str:
    """Say a moment as people say it: ``Tue 18:00 (9 h)``; empty for what is none."""
    try:
        ends = datetime.fromisoformat(str(given or ""))
        return f"{ends.astimezone():%a %H:%M} ({renewal.in_words(ends - now)})"
    except (ValueError, TypeError, OverflowError):
        return ""


def words(ctx: click.Context, found: SignedIn) -> str:
    """Return what a person is told after signing in: as whom, where, until when, what next.

    A server that does not answer now is no reason to call the sign-in failed.
    """
    issuer = found.endpoints.issuer
    try:
        me = from_api.get(ctx, "/me")
    except Problem:
        me = {}
    ends = until(me.get("session_expires_at"), surroundings.of(ctx).now())
    when = f", until {ends}" if ends else ""
    said = f"Signed in to {issuer} as {found.handle}{when}."
    return f"{said}\nNext: {_next(ctx, found, me.get('roles'))}"


def _next(ctx: click.Context, found: SignedIn, roles: object) -> str:
    profile = surroundings.of(ctx).profile
    if not isinstance(roles, list):
        return profiles.command("kubeconfig create", profile)
    held = {str(one.get("role")) for one in roles if isinstance(one, dict)}
    if held - {ADMINISTRATOR}:
        return profiles.command("kubeconfig create", profile)
    if held:
        return profiles.command("cluster list", profile)
    return (
        "ask an administrator for access to a project. They run:\n"
        f"  labpass rule create {found.handle} --role researcher -p PROJECT"
    )
