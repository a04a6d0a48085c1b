import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.kubeconfig import document, masking
from labpass.kubeconfig.document import Login

LOGIN = Login(
    command="/opt/bin/labpass-credential",
    key="0" * 64,
    issuer="https://a.example",
    audience="labpass-lab-1",
    profile="default",
)


@pytest.mark.parametrize(
    "user",
    [
        {"token": "s3cret"},
        {"client-key-data": "s3cret\ns3cret"},
        {"exec": {"command": "other", "args": ["--token", "s3cret", "a", "b", "c"]}},
        {**document.user(LOGIN)["user"], "token": "s3cret"},
        {"Token": {"odd": ["s3cret"]}},
        "s3cret",
    ],
)
def test_what_stands_in_a_strangers_entry_is_not_shown(user: object) -> None:
    whole = {
        "users": [{"name": "admin", "user": user}],
        "clusters": [{"name": "a", "cluster": {"proxy-url": "http://me:s3cret@proxy"}}],
    }
    assert "s3cret" not in json.dumps(masking.masked(whole))
    assert "s3cret" in json.dumps(whole)


def test_our_own_entry_is_shown_whole() -> None:
    whole = {"users": [document.user(LOGIN)]}
    assert masking.masked(whole) == whole


@given(st.recursive(st.none() | st.text(max_size=3), lambda one: st.lists(one, max_size=2)))
def test_a_document_of_any_shape_is_no_crash(odd: Any) -> None:
    masking.masked({"users": odd, "clusters": odd})
