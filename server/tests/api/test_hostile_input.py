"""Whatever is sent, the answer is a problem document and never a 500."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STRANGE = [
    "\x00",
    "\ud800",
    "x" * 70_000,
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}",
    "\u202e",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    10**400,
    -1,
    1e308,
    True,
    None,
    [],
    {},
    [[[[]]]],
    {"a": {"b": "c"}},
]
FIELDS = [
    "name",
    "clusters",
    "namespace",
    "hidden",
    "pod_security",
    "person",
    "role",
    "scope",
    "project",
    "ends_at",
    "reason",
    "server",
    "ca",
    "token",
    "token_expires_at",
    "kubernetes_version",
    "installed_definition",
    "username_prefix",
    "algorithm",
    "lifetime_minutes",
    "handle",
    "display_name",
    "email",
    "password",
    "temporary",
    "disabled",
    "type",
    "redirect_uris",
    "pkce",
]
values = st.one_of(
    st.sampled_from(STRANGE),
    st.text(max_size=20),
    st.integers(),
    st.lists(st.text(max_size=5), max_size=3),
    st.sampled_from(["vision", "root", "viewer", "project", "organisation", "lab", "baseline"]),
)
bodies = st.one_of(st.dictionaries(st.sampled_from(FIELDS), values, max_size=6), values)
segments = st.one_of(
    st.sampled_from(["vision", "root", "lab", "%00", "%ff", "%ed%a0%80", "%2e%2e", "x" * 300]),
    st.text("abc%/.-_ é\u0001", min_size=1, max_size=8).map(lambda text: quote(text, safe="/")),
)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_input_breaks_the_door(api: Any, data: st.DataObject) -> None:
    writing = [each for each in api.table if each.path != "/openapi.json"]
    route = data.draw(st.sampled_from(writing))
    named = {key: data.draw(segments) for key in ("name", "rule_id", "handle", "client_id")}
    body = json.dumps(data.draw(bodies)).encode()
    answer = api.run(
        api.http.request(
            route.method,
            f"/api/v1{route.path.format(**named)}",
            content=body,
            headers={"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"},
        )
    )
    assert answer.status_code < 500, (route, named, body)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"title", "status", "detail", "id"} <= answer.json().keys()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000, b'{"name": 1e999}', b'"\\ud800"']
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "application/xml"])
def test_no_bytes_break_the_door(api: Any, body: bytes, kind: str) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": kind}
    answer = api.run(api.http.request("POST", "/api/v1/projects", content=body, headers=headers))
    assert 400 <= answer.status_code < 500


def test_unknown_paths_and_methods_are_problems_too(api: Any) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("PUT", "/projects", 405)):
        answer = api.call(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
