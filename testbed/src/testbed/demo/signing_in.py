"""Step 4: alice at a prompt, bob through a browser on another machine."""

import re
import secrets
from typing import Self

import pexpect

from testbed.demo.browser import Browser
from testbed.demo.scene import Scene, Unexpected, expect
from testbed.desk import Desk

_PATIENCE_SECONDS = 30


def sign_in(scene: Scene) -> str:
    """Sign both in, each in their own way, and write their kubeconfigs."""
    _by_password(scene)
    _by_browser_elsewhere(scene)
    for desk, handle in ((scene.alice, "alice"), (scene.bob, "bob")):
        scene.type(desk, "labpass", "kubeconfig", "create", "--set-context")
        who = scene.read(
            desk, "kubectl", "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"
        )
        expect(
            truth=who.out.strip() == f"labpass:{handle}", what=f"kubectl is {handle}", seen=who.said
        )
    return "alice signed in by password at a prompt, bob by a link and a code; kubectl knows both"


def _by_password(scene: Scene) -> None:
    """Sign alice in; her password is temporary, so she chooses her own in the same sign-in."""
    chosen = secrets.token_urlsafe(16)
    with _Terminal(scene, scene.alice, "login", "--server", scene.server, "--password") as terminal:
        terminal.answer("User name: ", "alice")
        terminal.answer("Password: ", scene.passwords["alice"])
        terminal.answer("New password: ", chosen)
        terminal.answer("Once more: ", chosen)
        terminal.end()
    scene.passwords["alice"] = chosen


def _by_browser_elsewhere(scene: Scene) -> None:
    """Sign bob in: the terminal shows a link, a browser elsewhere shows a code."""
    with _Terminal(scene, scene.bob, "login", "--server", scene.server, "--remote") as terminal:
        link = terminal.find(r"https://\S+/r/\S+")
        code = _in_the_browser(scene, link)
        scene.stage.say(
            f"In a browser on another machine bob opens {link}, signs in, and reads {code}."
        )
        terminal.answer("Enter verification code: ", code)
        terminal.end()


def _in_the_browser(scene: Scene, link: str) -> str:
    chosen = secrets.token_urlsafe(16)
    with Browser(scene.ca) as browser:
        page = browser.open(link)
        page = browser.submit(
            page, page.form("password"), username="bob", password=scene.passwords["bob"]
        )
        page = browser.submit(page, page.form("new_password"), new_password=chosen, repeated=chosen)
        scene.passwords["bob"] = chosen
        return page.element("code")


class _Terminal:
    """`labpass` in a pseudo-terminal, with what a person would read and type."""

    def __init__(self, scene: Scene, desk: Desk, *arguments: str) -> None:
        self._scene = scene
        self._line = " ".join(("labpass", *arguments))
        self._child = pexpect.spawn(
            "labpass", list(arguments), env=dict(desk.environment), cwd=str(desk.home),
            encoding="utf-8", timeout=_PATIENCE_SECONDS, dimensions=(24, 120),
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._scene.stage.command(self._line)
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    def answer(self, prompt: str, text: str) -> None:
        """Wait for a prompt and type."""
        self._expect(re.escape(prompt.strip()))
        self._scene.stage.answer(prompt)
        self._child.sendline(text)

    def find(self, pattern: str) -> str:
        """Wait for something on the screen and return it."""
        self._expect(pattern)
        found = self._child.match
        assert isinstance(found, re.Match)
        self._scene.stage.answer(found.group())
        return str(found.group())

    def end(self) -> None:
        """Wait until the program has ended well, and show what it said last."""
        self._expect(pexpect.EOF)
        self._scene.stage.answer(str(self._child.before).strip())
        self._child.wait()
        if self._child.exitstatus:
            raise Unexpected(
                f"`{self._line}` ended with {self._child.exitstatus}:\n{self._child.before}"
            )

    def _expect(self, pattern: str | type[pexpect.EOF]) -> None:
        try:
            self._child.expect(pattern)
        except (pexpect.EOF, pexpect.TIMEOUT) as error:
            raise Unexpected(
                f"`{self._line}` never said {pattern}:\n{self._child.before}"
            ) from error
