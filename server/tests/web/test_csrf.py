import re

import pytest
from starlette.testclient import TestClient

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def token_of(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/page/sign-in").text)
    assert found is not None
    return found[1]


def test_a_form_of_our_own_page_is_taken(client: TestClient) -> None:
    answer = client.post("/post", data={"csrf": token_of(client), "username": "alice"})
    assert answer.status_code == 200
    assert answer.json()["username"] == "alice"


def test_browsers_send_origin_null_for_our_pages_and_are_taken(client: TestClient) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/post", data={"csrf": token_of(client)}, headers=headers)
    assert answer.status_code == 200


def test_a_form_without_the_field_is_refused(client: TestClient) -> None:
    token_of(client)
    assert client.post("/post", data={"username": "mallory"}).status_code == 403


def test_login_csrf_a_field_from_the_attackers_own_browser_is_refused(client: TestClient) -> None:
    stolen = token_of(client)
    client.cookies.clear()
    token_of(client)
    assert client.post("/post", data={"csrf": stolen}).status_code == 403


def test_a_field_without_the_cookie_is_refused(client: TestClient) -> None:
    found = token_of(client)
    client.cookies.clear()
    assert client.post("/post", data={"csrf": found}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_from_a_foreign_or_sibling_page_is_refused(client: TestClient, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Origin": "null"}
    answer = client.post("/post", data={"csrf": token_of(client)}, headers=headers)
    assert answer.status_code == 403


def test_a_form_from_a_foreign_origin_is_refused(client: TestClient) -> None:
    headers = {"Origin": "https://evil.example.org"}
    answer = client.post("/post", data={"csrf": token_of(client)}, headers=headers)
    assert answer.status_code == 403


def test_the_field_of_one_form_does_not_open_another(client: TestClient) -> None:
    found = token_of(client)
    assert client.post("/elsewhere", data={"csrf": found}).status_code in {403, 404}


def test_a_cookie_planted_short_is_not_believed(client: TestClient) -> None:
    client.cookies.set("__Host-labpass-form", "x")
    answer = client.get("/page/sign-in")
    assert "__Host-labpass-form" in answer.headers["set-cookie"]
