"""How a sign-in's questions are put to a person: words on stderr, secrets never echoed."""

import os
import selectors
import sys
import time
from typing import Final

import click

from labpass.login import launcher
from labpass.login.listener import Listener
from labpass.login.steps import Link, NewPassword, Question, Visit
from labpass.problems import TimedOut, UsageProblem
from labpass.secret import Secret

PATIENCE: Final = 120.0  # seconds for a browser to come back
LONGEST: Final = 8192
NOT_IT: Final = (
    "That is not the address a sign-in ends at: it starts with http://127.0.0.1. Still waiting.\n"
    "To type a code instead: Ctrl-C, then labpass login --remote"
)


def username() -> str:
    """Ask for a user name."""
    return str(click.prompt("User name", err=True)).strip()


def password() -> str:
    """Ask for a password, unseen."""
    return str(click.prompt("Password", hide_input=True, err=True))


def line_from_stdin() -> Secret | None:
    """Return the next line of stdin, for scripts; None where there is none, or an empty one."""
    try:
        line = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError as e:
        raise UsageProblem("What came on stdin is not text.") from e
    return Secret(line) if line else None


def answer(question: Question) -> str:
    """Answer what a flow without a listener asks."""
    match question:
        case Link():
            return _code(question)
        case NewPassword():
            return _new_password(question)
        case Visit():
            raise AssertionError("a browser's flow has a listener: Browser answers for it")


def _code(link: Link) -> str:
    """Show a link and read the code that the page shows; the second time, say why again."""
    if link.refused:
        click.echo(link.refused, err=True)
        return str(click.prompt("Enter verification code", err=True))
    click.echo("Open this link in a browser, on any machine:\n", err=True)
    click.echo(f"    {link.url}\n", err=True)
    minutes = max(link.seconds // 60, 1)
    click.echo(f"It works for {minutes} min. The page shows a code for this terminal.", err=True)
    return str(click.prompt("Enter verification code", err=True))


def _new_password(question: NewPassword) -> str:
    """Ask for a new password, twice and unseen."""
    words = question.refused or "Your password is temporary. Choose your own now."
    click.echo(words, err=True)
    return str(
        click.prompt("New password", hide_input=True, confirmation_prompt="Once more", err=True)
    )


class Browser:
    """Answers a `Visit`: starts a browser and waits for its return, or for a pasted address."""

    def __init__(
        self, listener: Listener, environment: dict[str, str], command: str | None
    ) -> None:
        self._listener = listener
        self._environment = environment
        self._command = command
        self._browser: object = None

    def answer(self, question: Question) -> str:
        """Open the browser and return the URL that it came back to."""
        if not isinstance(question, Visit):
            return answer(question)
        click.echo("Your browser opens this address; if not, open it yourself:\n", err=True)
        click.echo(f"    {question.url}\n", err=True)
        self._browser = launcher.launch(
            question.url,
            environment=self._environment,
            platform=sys.platform,
            command=self._command,
        )
        click.echo("If the browser cannot come back here, paste the address it ends at.", err=True)
        return self._wait()

    def _wait(self) -> str:
        """Wait for whichever comes first: the listener's answer or a pasted line."""
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener.ready, selectors.EVENT_READ)
            if _can_paste():
                selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    try:
                        came = self._came(key.fd)
                    except (EOFError, OSError):  # the terminal is gone: the browser may come
                        selector.unregister(key.fd)
                        continue
                    if came:
                        return came
        raise TimedOut(
            f"No browser came back within {PATIENCE:.0f} s.", hint="labpass login --remote"
        )

    def _came(self, descriptor: int) -> str | None:
        """Return the answer that a readable descriptor holds; None for what is none.

        Raises `EOFError` when the terminal closed.
        """
        if descriptor == self._listener.ready:
            return self._listener.answer
        pasted = os.read(descriptor, LONGEST).decode(errors="replace")
        if not pasted:
            raise EOFError
        if pasted.strip().startswith("http"):
            return pasted.strip()
        if pasted.strip():
            click.echo(NOT_IT, err=True)
        return None


def _can_paste() -> bool:
    """True where stdin is a terminal that can be waited for (Windows cannot)."""
    return sys.platform != "win32" and sys.stdin.isatty()
