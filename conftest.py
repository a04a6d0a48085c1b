"""What every ring shares."""

import signal

import hypothesis
import pytest

import testbed  # noqa: F401 -- before pytest makes a package of that name, from `testbed/tests`

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# Started in the background of a script, everything below would inherit an ignored Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests on real clusters run on another release of Kubernetes."""
    parser.addoption(
        "--kubernetes", metavar="VERSION", default=None, help="the release that e2e/ runs on"
    )
