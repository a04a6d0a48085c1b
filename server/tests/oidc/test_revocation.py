from server.tests.oidc.conftest import AUDIENCE, Door


def revoke(door: Door, token: str, client_id: str = "labpass") -> int:
    answer = door.post("/revoke", {"client_id": client_id, "token": token})
    return answer.status_code


def test_a_refresh_token_takes_the_session_with_it(door: Door) -> None:
    found = door.tokens()
    assert revoke(door, found["refresh_token"]) == 200
    assert door.refresh(found["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_used_refresh_token_takes_the_session_with_it_too(door: Door) -> None:
    first = door.tokens()["refresh_token"]
    second = door.refresh(first).json()["refresh_token"]
    assert revoke(door, first) == 200
    assert door.refresh(second).json()["error"] == "invalid_grant"


def test_an_access_token_takes_only_itself(door: Door) -> None:
    found = door.tokens()
    assert revoke(door, found["access_token"]) == 200
    bearer = {"authorization": f"Bearer {found['access_token']}"}
    assert door.get("/userinfo", headers=bearer).status_code == 401
    assert door.refresh(found["refresh_token"]).status_code == 200


def test_an_unknown_token_is_revoked_already(door: Door) -> None:
    assert revoke(door, "x" * 43) == 200


def test_another_client_revokes_nothing(door: Door, alpha: object) -> None:
    found = door.tokens()
    assert revoke(door, found["refresh_token"], AUDIENCE) == 200
    assert door.refresh(found["refresh_token"]).status_code == 200


def test_an_unknown_client_is_told_so(door: Door) -> None:
    assert revoke(door, "x", "nobody") == 401
