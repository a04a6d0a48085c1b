"""What the command line says when something is wrong: `Problem(message, hint)` with an exit code.

    Problem              1  anything else
    ├── UsageProblem     2  the call itself is wrong
    ├── CheckFailed      3  a check said no (sanitize --check, trust verify)
    ├── Unreachable      4  server or cluster does not answer
    ├── NotSignedIn      5  no live session
    ├── Forbidden        6  refused: no right, or over quota
    ├── NotFound         7  no such thing
    ├── Conflict         8  the state of the world is against it
    ├── TimedOut       124  waited long enough
    └── Interrupted    130  Ctrl-C

Printed in one place, `labpass.__main__`. ``message`` says what and why, ``hint`` what to do next;
neither ever holds a secret.
"""


class Problem(Exception):
    """Something a person has to know; never shown as a traceback."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageProblem(Problem):
    """The call itself is wrong."""

    exit_code = 2


class CheckFailed(Problem):
    """A check said no."""

    exit_code = 3


class Unreachable(Problem):
    """A server or a cluster does not answer."""

    exit_code = 4


class NotSignedIn(Problem):
    """There is no live session."""

    exit_code = 5


class Forbidden(Problem):
    """Refused: no right, or over quota."""

    exit_code = 6


class NotFound(Problem):
    """There is no such thing."""

    exit_code = 7


class Conflict(Problem):
    """The state of the world is against it."""

    exit_code = 8


class TimedOut(Problem):
    """Waited long enough."""

    exit_code = 124


class Interrupted(Problem):
    """Ctrl-C."""

    exit_code = 130
