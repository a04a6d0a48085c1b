"""Import our package before pytest makes one of that name, from the path of `testbed/tests`."""

import pytest

import testbed  # noqa: F401 - for the effect alone


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests on real clusters run on another release of Kubernetes."""
    parser.addoption(
        "--kubernetes", metavar="VERSION", default=None, help="the release that e2e/ runs on"
    )
