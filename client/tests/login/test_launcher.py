import pytest

from labpass.login import launcher


@pytest.mark.parametrize("command", ["'", '"open', ":", " "])
def test_a_browser_that_cannot_be_named_starts_nothing(command: str) -> None:
    found = launcher.launch(
        "https://a.example", environment={"PATH": "/nowhere"}, platform="linux", command=command
    )
    assert found is None


def test_the_address_is_one_argument_whatever_is_in_it() -> None:
    url = "https://a.example/?a=1&b=$(touch pwned);c"
    found = launcher.launch(url, environment={}, platform="linux", command="/bin/true --new")
    assert found is not None
    assert found.args == ["/bin/true", "--new", url]
    assert found.wait(10) == 0
