from datetime import timedelta
from typing import Any

import pytest

from labpass.login import answers
from labpass.login.answers import NotOurs


@pytest.mark.parametrize("value", [None, "", 7, "a\x1b[2Jb", "a\nb", "a\x9b31m"])
def test_a_text_that_could_move_a_cursor_or_split_a_header_is_none(value: object) -> None:
    with pytest.raises(NotOurs):
        answers.text({"link": value}, "link", "https://a.example")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({"expires_in": 600}, 600),
        ({"expires_in": -5}, 0),
        ({"expires_in": 10**30}, answers.LONGEST),
        ({"expires_in": True}, 7),
        ({"expires_in": "600"}, 7),
        ({}, 7),
    ],
)
def test_an_odd_length_of_time_is_no_crash(given: dict[str, Any], seconds: int) -> None:
    assert answers.seconds(given, "expires_in", otherwise=7) == timedelta(seconds=seconds)
