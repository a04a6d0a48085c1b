import json
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from labpass_server.model import errors as refusals
from labpass_server.web import errors

HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_a_browser_gets_a_page_with_an_id_and_what_to_do(client: TestClient) -> None:
    answer = client.get("/nowhere", headers=HTML)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no page at this address." in answer.text
    assert "Check the address" in answer.text


def test_a_program_gets_a_problem_document(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    assert set(answer.json()) == {"type", "title", "status", "detail", "id"}


@pytest.mark.parametrize("headers", [HTML, {}])
def test_a_crash_shows_an_id_and_no_cause(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get("/crash?code=secret", headers=headers)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "secret" not in answer.text


def test_a_wrong_method_says_which_are_right(client: TestClient) -> None:
    answer = client.get("/post")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_an_error_page_leads_nowhere_outside(client: TestClient) -> None:
    """An open redirect through the error page: it has no link and no form at all."""
    answer = client.get("/nowhere?redirect_uri=https://evil.example.org&next=//evil", headers=HTML)
    assert "<a " not in answer.text
    assert "<form" not in answer.text
    assert "evil" not in answer.text
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (refusals.NotAllowed("no rule"), 403),
        (refusals.NotFound("cluster lab-z"), 404),
        (refusals.Conflict("taken"), 409),
        (refusals.Invalid("handle", "too short"), 400),
        (refusals.TooMany(timedelta(seconds=90)), 429),
        (refusals.Unavailable("the database"), 503),
    ],
)
def test_every_refusal_has_words_and_a_way_on(refusal: refusals.Refusal, status: int) -> None:
    problem = errors.of_refusal(refusal)
    assert problem.status == status
    assert problem.message.endswith(".")
    assert problem.next.endswith(".")


def test_throttling_says_when_to_come_back() -> None:
    assert errors.of_refusal(refusals.TooMany(timedelta(seconds=90))).retry_after == 90


def test_our_own_trouble_is_named_to_nobody() -> None:
    problem = errors.of_refusal(refusals.Unavailable("postgresql://secret@host"))
    assert "postgresql" not in json.dumps([problem.title, problem.message, problem.next])
