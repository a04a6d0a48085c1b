from urllib import parse

import pytest
from server.tests.conftest import ISSUER, Clock
from server.tests.oidc.conftest import AUDIENCE, LOOPBACK, Door, query


def test_a_sign_in_page_comes_first(door: Door) -> None:
    page = door.authorize()
    assert page.status_code == 200
    assert 'name="password"' in page.text


def test_the_page_lets_its_form_lead_to_the_program(door: Door) -> None:
    policy = door.authorize().headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:49152" in policy


def test_a_right_password_answers_the_program_with_code_state_and_issuer(door: Door) -> None:
    answer = door.sign_in(door.authorize())
    assert answer.headers["location"].startswith(f"{LOOPBACK}?")
    found = query(answer)
    assert found["state"] == "state-1"
    assert found["iss"] == ISSUER
    assert len(found["code"]) >= 43


def test_the_request_may_come_by_post(door: Door) -> None:
    page = door.post("/authorize", door.asked)
    assert query(door.sign_in(page))["state"] == "state-1"


def test_a_form_post_answer_is_a_form(door: Door) -> None:
    answer = door.sign_in(door.authorize(response_mode="form_post"))
    assert answer.status_code == 200
    assert f'action="{LOOPBACK}"' in answer.text
    assert 'name="code"' in answer.text
    assert 'name="iss"' in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"nonce": "n" * 5000}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_program(
    door: Door, changes: dict[str, str | None], error: str
) -> None:
    found = query(door.authorize(**changes))
    assert found["error"] == error
    assert found["iss"] == ISSUER
    assert found["state"] == "state-1"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code_challenge": None, "code_challenge_method": None}, id="left out"),
        pytest.param({"code_challenge_method": "plain"}, id="downgraded to plain"),
        pytest.param({"code_challenge_method": None}, id="method left out means plain"),
        pytest.param({"code_challenge": "short"}, id="too short"),
    ],
)
def test_pkce_cannot_be_left_out_or_downgraded(door: Door, changes: dict[str, str | None]) -> None:
    assert query(door.authorize(**changes))["error"] == "invalid_request"


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:80@evil.example/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://evil.example/callback",
        "http://127.0.0.1:49152/callback#fragment",
        "http://127.0.0.1:49152/callback/../evil",
        "http://127.0.0.1:49152/elsewhere",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:49152\\@evil.example/callback",
        "http://localhost:49152/callback",
        "https://127.0.0.1:49152/callback",
        "http://[::1%25eth0]:80/callback",
        "http://0x7f000001/callback",
        "//127.0.0.1/callback",
        "javascript:alert(1)",
        f"{ISSUER}.evil.example/code",
        f"{ISSUER}/code?next=https://evil.example",
    ],
)
def test_a_foreign_address_is_never_answered(door: Door, uri: str) -> None:
    answer = door.authorize(redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", ["", ":1", ":65535"])
def test_any_port_of_a_loopback_address_will_do(door: Door, host: str, port: str) -> None:
    assert door.authorize(redirect_uri=f"http://{host}{port}/callback").status_code == 200


def test_a_cluster_is_a_client_that_any_loopback_address_may_use(door: Door, access: None) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri="http://localhost:8000")
    assert query(door.sign_in(page))["code"]


def test_an_unknown_client_is_told_to_the_person_alone(door: Door) -> None:
    answer = door.authorize(client_id="nobody")
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_repeated_parameter_is_refused(door: Door) -> None:
    repeated = parse.urlencode([*door.asked.items(), ("nonce", "another")])
    assert query(door.get(f"/authorize?{repeated}"))["error"] == "invalid_request"


def test_a_repeated_redirect_uri_is_answered_nowhere(door: Door) -> None:
    repeated = parse.urlencode([*door.asked.items(), ("redirect_uri", "http://evil.example/")])
    answer = door.get(f"/authorize?{repeated}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_an_unknown_parameter_means_nothing(door: Door) -> None:
    assert door.authorize(acr_values="high", claims="{}").status_code == 200


def test_a_browser_session_alone_never_answers_a_local_program(door: Door) -> None:
    door.sign_in(door.authorize())
    page = door.authorize()
    assert page.status_code == 200
    assert "127.0.0.1:49152" in page.text
    assert query(door.confirm(page))["code"]


def test_silence_is_refused_to_a_local_program(door: Door) -> None:
    door.sign_in(door.authorize())
    found = query(door.authorize(prompt="none"))
    assert found["error"] == "interaction_required"
    assert "code" not in found


def test_silence_without_a_session_asks_for_a_sign_in(door: Door) -> None:
    assert query(door.authorize(prompt="none"))["error"] == "login_required"


def test_who_says_no_is_not_signed_in(door: Door) -> None:
    door.sign_in(door.authorize())
    assert query(door.confirm(door.authorize(), "no"))["error"] == "access_denied"


def test_a_program_can_ask_for_a_new_sign_in(door: Door) -> None:
    door.sign_in(door.authorize())
    assert 'name="password"' in door.authorize(prompt="login").text


def test_a_program_can_bound_the_age_of_a_sign_in(door: Door, clock: Clock) -> None:
    door.sign_in(door.authorize())
    clock.turn(seconds=61)
    assert 'name="password"' not in door.authorize(max_age="61").text
    assert 'name="password"' in door.authorize(max_age="60").text


def test_a_hint_fills_in_the_name(door: Door) -> None:
    assert 'value="carol"' in door.authorize(login_hint="carol").text


def test_a_hint_of_somebody_else_asks_again(door: Door) -> None:
    door.sign_in(door.authorize())
    assert 'name="password"' in door.authorize(login_hint="carol").text


def test_a_cluster_without_a_rule_is_refused_in_words(door: Door, alpha: object) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri="http://localhost:8000")
    found = query(door.sign_in(page))
    assert found["error"] == "access_denied"
    assert "alpha" in found["error_description"]
    assert "grant it" in found["error_description"]


def test_the_pasted_way_is_not_open_to_a_mere_link(door: Door) -> None:
    answer = door.authorize(redirect_uri=f"{ISSUER}/code")
    assert answer.status_code == 400
    assert "--remote" in answer.text
