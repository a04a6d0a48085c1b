"""Walks the table as each role, and compares with the file that is checked in.

Each cell says what became of the route: ``yes``, ``no`` (403), ``-`` (answers as unknown, 404). A
change of power is a difference in `permission_matrix.txt`; write it anew with
``LABPASS_WRITE_MATRIX=1``.
"""

import os
from pathlib import Path
from typing import Any

import pytest

MATRIX = Path(__file__).parents[1] / "permission_matrix.txt"
NOT_FOUND, FORBIDDEN, UNAUTHORISED = 404, 403, 401

COLUMNS = {
    "nobody": None,
    "anybody": (),
    "viewer": ("viewer", "here"),
    "researcher": ("researcher", "here"),
    "proj-admin": ("project-administrator", "here"),
    "elsewhere": ("project-administrator", "elsewhere"),
    "org-viewer": ("viewer", None),
    "org-admin": ("organisation-administrator", None),
}
"""Who asks: nobody signed in, somebody without a rule, a role here, in another project, in all."""

PROJECT = "here"


def body_of(method: str, path: str) -> Any:
    """A body that is in order, so that only the permission decides."""
    bodies = {
        ("POST", "/projects"): {"name": "new", "clusters": ["lab"]},
        ("PATCH", "/projects/{name}"): {"pod_security": "restricted"},
        ("POST", "/clusters"): {"name": "new"},
        ("POST", "/clusters/{name}/bundle"): {},
        ("PUT", "/clusters/{name}/connection"): {
            "server": "https://127.0.0.1:6443",
            "token": "good",
            "token_expires_at": "2026-12-20T00:00:00Z",
            "installed_definition": "abc",
        },
        ("POST", "/rules"): {
            "person": "somebody",
            "role": "viewer",
            "scope": "project",
            "project": PROJECT,
        },
        ("PATCH", "/rules/{rule_id}"): {"reason": "because"},
        ("POST", "/people"): {"handle": "newcomer"},
        ("PATCH", "/people/{handle}"): {"display_name": "Some Body"},
        ("POST", "/people/{handle}/password"): {},
        ("POST", "/clients"): {
            "name": "grafana",
            "type": "public",
            "redirect_uris": ["https://grafana.example.org/callback"],
        },
    }
    return bodies.get((method, path))


def world(api: Any) -> dict[str, str]:
    """Make one of everything, and return what stands for the names in paths."""
    api.ask("POST", "/clusters", {"name": "lab"}, status=201)
    for name in (PROJECT, "elsewhere"):
        api.ask("POST", "/projects", {"name": name, "clusters": ["lab"]}, status=201)
    api.as_("somebody")
    rule = {"person": "somebody", "role": "viewer", "scope": "project", "project": PROJECT}
    made = api.ask("POST", "/rules", rule, status=201)
    client = api.ask("POST", "/clients", body_of("POST", "/clients"), status=201)
    return {"rule_id": made["id"], "handle": "somebody", "client_id": client["client_id"]}


def caller(api: Any, column: str) -> Any:
    given = COLUMNS[column]
    if given is None:
        nobody = api.as_("somebody")
        nobody.token = None
        return nobody
    one = api.as_(f"the.{column}")
    if given:
        role, project = given
        scope = "organisation" if project is None else "project"
        named = {} if project is None else {"project": project}
        rule = {"person": f"the.{column}", "role": role, "scope": scope, **named}
        api.ask("POST", "/rules", rule, status=201)
    return one


def cell(answer: Any) -> str:
    match answer.status_code:
        case 401:
            return "sign in"
        case 403:
            return "no"
        case 404:
            return "-"
        case status:
            assert status < 300, answer.text
            return "yes"


@pytest.fixture
def column(api: Any, identity: Any, request: pytest.FixtureRequest) -> dict[str, str]:
    api.run(identity.keys.rotate(api.clock()))
    found = {}
    names = world(api)
    one = caller(api, request.param)
    order = {"GET": 0, "POST": 1, "PATCH": 2, "PUT": 3, "DELETE": 4}
    # Least harmful first, and of deletions the parts before the whole: the world must last.
    parts = ("connection", "rules", "clients", "projects", "clusters")
    for each in sorted(
        api.table,
        key=lambda row: (
            order[row.method],
            next((at for at, part in enumerate(parts) if part in row.path), 0),
        ),
    ):
        name = "lab" if "/clusters" in each.path else PROJECT
        path = each.path.format(name=name, **names)
        body = body_of(each.method, each.path)
        found[f"{each.method:6} {each.path}"] = cell(one.call(each.method, path, body))
    return found


@pytest.mark.parametrize("column", COLUMNS, indirect=True)
def test_every_route_answers_each_role_as_the_file_says(
    column: dict[str, str], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["column"]
    if "LABPASS_WRITE_MATRIX" in os.environ:
        write(name, column)
    assert read().get(name) == column


def read() -> dict[str, dict[str, str]]:
    if not MATRIX.exists():
        return {}
    head, *rows = MATRIX.read_text().splitlines()
    starts = [head.index(name) for name in COLUMNS]
    ends = [*starts[1:], None]
    return {
        name: {row[: starts[0]].strip(): row[start:end].strip() for row in rows}
        for name, start, end in zip(COLUMNS, starts, ends, strict=True)
    }


def write(name: str, column: dict[str, str]) -> None:
    known = read() | {name: column}
    routes = sorted(column, key=lambda row: row.split()[::-1])
    wide = max(map(len, routes)) + 2
    lines = [" " * wide + "".join(f"{each:12}" for each in COLUMNS)]
    lines += [
        f"{row:{wide}}" + "".join(f"{known.get(each, {}).get(row, ''):12}" for each in COLUMNS)
        for row in routes
    ]
    MATRIX.write_text("".join(f"{line.rstrip()}\n" for line in lines))
