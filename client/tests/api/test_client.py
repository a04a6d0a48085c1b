"""Requests and refusals, over httpx2's own seam."""

from collections.abc import Callable

import httpx2
import pytest

from labpass import problems
from labpass.api import clusters, people, rules
from labpass.api.client import Client
from labpass.secret import Secret

Answer = Callable[[httpx2.Request], httpx2.Response]


def client(answer: Answer) -> Client:
    transport = httpx2.MockTransport(answer)
    http = httpx2.Client(transport=transport, base_url="https://labpass.example")
    return Client(http, Secret("token"))


def refusing(status: int, **more: object) -> Answer:
    document = {"type": "about:blank", "title": "No", "status": status, "detail": "because"}
    return lambda _: httpx2.Response(status, json=document | more)


def test_a_request_carries_the_token_and_stays_below_the_root() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"items": []})

    with client(answer) as it:
        assert clusters.load_all(it) == ()
    assert str(seen[0].url) == "https://labpass.example/api/v1/clusters"
    assert seen[0].headers["authorization"] == "Bearer token"


def test_a_name_cannot_leave_its_place_in_the_path() -> None:
    seen: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.raw_path)
        return httpx2.Response(204)

    rules.delete(client(answer), "../people?x=1#y")
    assert seen == [b"/api/v1/rules/..%2Fpeople%3Fx%3D1%23y"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, problems.UsageProblem),
        (401, problems.NotSignedIn),
        (403, problems.Forbidden),
        (404, problems.NotFound),
        (409, problems.Conflict),
        (418, problems.Problem),
        (429, problems.Conflict),
        (503, problems.Unreachable),
    ],
)
def test_a_refusal_is_the_problem_it_means(status: int, kind: type[problems.Problem]) -> None:
    with pytest.raises(kind, match="Because") as refused:
        clusters.load(client(refusing(status)), "north")
    assert type(refused.value) is kind


def test_a_refusal_names_the_field_and_a_fault_its_id() -> None:
    with pytest.raises(problems.UsageProblem, match=r"\(handle\)"):
        people.create(client(refusing(400, field="handle")), {})
    with pytest.raises(problems.Unreachable) as fault:
        people.create(client(refusing(500, id="abc")), {})
    assert "id abc" in fault.value.hint


def test_a_page_of_html_is_not_taken_for_an_answer() -> None:
    for status in (200, 404, 502):
        with pytest.raises(problems.Problem, match=r"labpass\.example"):
            clusters.load(client(lambda _, s=status: httpx2.Response(s, text="<html>")), "north")  # type: ignore[misc]


def test_a_server_that_is_not_there_is_said() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(problems.Unreachable, match=r"labpass\.example"):
        clusters.load_all(client(answer))


def test_passwords_and_secrets_come_as_secrets() -> None:
    person = {
        "handle": "alice",
        "display_name": "",
        "email": None,
        "disabled": False,
        "password_is_temporary": True,
        "created_at": "2026-11-23T18:00:00Z",
        "temporary_password": "hush",
    }
    made = people.create(client(lambda _: httpx2.Response(201, json=person)), {})
    assert made.password is not None
    assert made.password.reveal() == "hush"
    assert "hush" not in repr(made)
