import base64
import json

import pytest

from labpass.secret import Secret
from labpass.workloads import submitter


def _token(claims: object) -> Secret:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"e30.{payload}.c2ln")


def test_the_handle_of_a_token() -> None:
    assert submitter.unverified_handle(_token({"preferred_username": "alice"})) == "alice"


@pytest.mark.parametrize(
    "token",
    [
        Secret("opaque"),
        Secret("a.!!.b"),
        Secret("a.bm90IGpzb24.b"),
        _token({}),
        _token({"preferred_username": 7}),
        _token(["preferred_username"]),
    ],
)
def test_a_token_that_names_nobody(token: Secret) -> None:
    assert not submitter.unverified_handle(token)
