"""A person signs in with Chromium; a program on a loopback port gets the answer."""

import base64
import hashlib
import http.server
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright import sync_api

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery staple"
Start = Callable[..., Any]


@pytest.fixture
def chromium() -> Iterator[sync_api.Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium; `make browser` installs one")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server(start: Start, command: Callable[..., Any]) -> Any:
    started = start()
    where = ("--data", str(started.data))
    made = command("admin", "create", "dana", "--password-stdin", *where, stdin=PASSWORD)
    assert made.returncode == 0, made.stderr
    return started


class Program:
    """What waits on a loopback port for the answer."""

    def __init__(self, listener: http.server.HTTPServer, uri: str) -> None:
        self.uri = uri
        self.listener = listener
        self.answers: list[dict[str, str]] = []
        self.verifier = secrets.token_urlsafe(32)

    def request(self, server: Any, **more: str) -> str:
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": "labpass",
            "redirect_uri": self.uri,
            "scope": "openid offline_access profile",
            "state": "st",
            "nonce": "n",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{server.origin}/authorize?{urlencode(asked | more)}"


class _V6(http.server.HTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def listening(host: str) -> Iterator[Program]:
    kind = _V6 if ":" in host else http.server.HTTPServer
    answers: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/callback"):
                answers.append({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})
            self._say()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            answers.append({k: v[0] for k, v in parse_qs(body).items()})
            self._say()

        def _say(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<title>answered</title>")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- its name
            pass

    listener = kind(("::1" if ":" in host else "127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    program = Program(listener, f"http://{host}:{listener.server_port}/callback")
    program.answers = answers
    try:
        yield program
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join(10)


def open_page(chromium: sync_api.Browser, **options: Any) -> tuple[sync_api.Page, list[str]]:
    page = chromium.new_context(ignore_https_errors=True, **options).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
    )
    return page, complaints


def sign_in(page: sync_api.Page, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill("dana")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_answer_reaches_the_program(
    chromium: sync_api.Browser, server: Any, host: str, *, script: bool
) -> None:
    page, complaints = open_page(chromium, java_script_enabled=script)
    with listening(host) as program:
        page.goto(program.request(server))
        sign_in(page, "wrong wrong wrong wrong")
        assert page.get_by_role("alert").is_visible()
        sign_in(page)
        page.wait_for_url("**/callback*")
        assert program.answers[0]["state"] == "st"
        assert program.answers[0]["iss"] == server.origin
        assert program.answers[0]["code"]
    assert complaints == []


def test_a_second_program_is_not_answered_from_the_cookie_alone(
    chromium: sync_api.Browser, server: Any
) -> None:
    page, complaints = open_page(chromium)
    with listening("127.0.0.1") as program:
        page.goto(program.request(server))
        sign_in(page)
        page.wait_for_url("**/callback*")
        page.goto(program.request(server))
        assert len(program.answers) == 1
        assert str(program.listener.server_port) in page.locator("h1").inner_text()
        page.get_by_role("button", name="Sign in to Labpass").click()
        page.wait_for_url("**/callback*")
        assert "code" in program.answers[1]
    assert complaints == []


def test_a_refusal_reaches_the_program_too(chromium: sync_api.Browser, server: Any) -> None:
    page, _ = open_page(chromium)
    with listening("127.0.0.1") as program:
        page.goto(program.request(server))
        sign_in(page)
        page.wait_for_url("**/callback*")
        page.goto(program.request(server))
        page.get_by_role("button", name="Do not sign in").click()
        page.wait_for_url("**/callback*")
        assert program.answers[1]["error"] == "access_denied"


def test_the_session_cookie_is_out_of_scripts_reach(
    chromium: sync_api.Browser, server: Any
) -> None:
    page, _ = open_page(chromium)
    with listening("127.0.0.1") as program:
        page.goto(program.request(server))
        sign_in(page)
        page.wait_for_url("**/callback*")
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert cookies.keys() >= {"__Host-labpass-session"}
    for cookie in cookies.values():
        assert cookie["name"].startswith("__Host-")
        assert cookie["httpOnly"]
        assert cookie["secure"]
        assert cookie["sameSite"] == "Lax"


def test_form_post_needs_no_script(chromium: sync_api.Browser, server: Any) -> None:
    for script in (True, False):
        page, complaints = open_page(chromium, java_script_enabled=script)
        with listening("127.0.0.1") as program:
            page.goto(program.request(server, response_mode="form_post"))
            sign_in(page)
            if not script:
                page.get_by_role("button", name="Continue").click()
            page.wait_for_url("**/callback*")
            assert program.answers[0]["code"]
        assert complaints == []


def test_the_set_up_page_makes_an_administrator_who_can_sign_in(
    chromium: sync_api.Browser, start: Start
) -> None:
    server = start()
    page, complaints = open_page(chromium, viewport={"width": 320, "height": 700})
    page.goto((server.data / "set-up-link").read_text().strip())
    page.get_by_label("Name", exact=True).fill("dana")
    page.get_by_label("Password").fill("passwordpasswordpassword")
    page.get_by_role("button", name="Make this administrator").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make this administrator").click()
    assert page.locator("h1").inner_text() == "Labpass is set up"
    with listening("127.0.0.1") as program:
        page.goto(program.request(server))
        sign_in(page)
        page.wait_for_url("**/callback*")
        assert program.answers[0]["code"]
    assert complaints == []
