import pytest

from testbed.demo import browser
from testbed.problems import Problem

_PAGE = """<form action="/next"><input name="csrf" value="c1"><input name="password">
<button name="answer" value="yes">Go</button></form><output id="code">WQ7K-3MPX</output>"""


def _page() -> browser.Page:
    return browser.Page(url="https://a/x", status=200, text=_PAGE, forms=browser.forms(_PAGE))


def test_a_form_is_found_by_its_field_or_its_button() -> None:
    assert _page().form("password").fields == {"csrf": "c1", "password": ""}
    assert _page().form("answer").action == "/next"


def test_the_text_of_an_element_is_found_by_its_id() -> None:
    assert _page().element("code") == "WQ7K-3MPX"


def test_what_is_not_there_is_a_problem_that_shows_the_page() -> None:
    with pytest.raises(Problem, match="no form with username"):
        _page().form("username")
    with pytest.raises(Problem, match="no #missing"):
        _page().element("missing")
