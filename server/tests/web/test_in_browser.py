"""Every page in Chromium: accessibility, policy, width, both themes, with and without script."""

import asyncio
import json
import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright import sync_api

from labpass.secret import Secret
from labpass_server.app import certificate
from labpass_server.web import site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""
THEMES = ["light", "dark"]
WIDTHS = [1360, 320]
Opened = Callable[..., "Seen"]


class Seen:
    """One page in one context, with everything the browser complained about."""

    def __init__(self, page: sync_api.Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.on("request", self._watch)

    def _hear(self, message: sync_api.ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _watch(self, request: sync_api.Request) -> None:
        if not request.url.startswith(self.origin):
            self.complaints.append(f"left the origin: {request.url}")

    def go(self, name: str) -> sync_api.Page:
        self.page.goto(f"{self.origin}/page/{name}")
        return self.page

    def assert_clean(self) -> None:
        assert self.page.evaluate("window.violations ?? []") == []
        assert self.complaints == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium; `make browser` installs one")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def origin(
    tmp_path_factory: pytest.TempPathFactory, make_application: Callable[[site.Site], Any]
) -> Iterator[str]:
    bound = socket.create_server(("127.0.0.1", 0))
    address = f"https://127.0.0.1:{bound.getsockname()[1]}"
    app = make_application(site.build(address, now=lambda: datetime(2026, 11, 24, 9, tzinfo=UTC)))
    with _serving(app, bound, _context(tmp_path_factory.mktemp("tls"))):
        yield address


def _context(folder: Path) -> ssl.SSLContext:
    now, password = datetime.now(UTC), Secret("throw-away")
    authority = certificate.make_authority("127.0.0.1", password, now=now)
    pair = certificate.make_server("127.0.0.1", authority, password, now=now)
    chain = folder / "server.pem"
    chain.write_bytes(pair.key + pair.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, password=password.reveal())
    return context


@contextmanager
def _serving(app: Any, bound: socket.socket, context: ssl.SSLContext) -> Iterator[None]:
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ssl_context_factory=lambda _config, _default: context
    )
    server = uvicorn.Server(config)
    started = threading.Event()

    async def serve() -> None:
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[bound])
        started.set()
        await server.main_loop()
        await server.shutdown(sockets=[bound])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    yield
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def opened(chromium: sync_api.Browser, origin: str) -> Iterator[Opened]:
    contexts: list[sync_api.BrowserContext] = []

    def open_page(*, theme: str = "light", width: int = 1360, **options: Any) -> Seen:
        context = chromium.new_context(
            ignore_https_errors=True, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        host = origin.removeprefix("https://").partition(":")[0]
        name = "__Host-labpass-theme"
        context.add_cookies(
            [{"name": name, "value": theme, "domain": host, "path": "/", "secure": True}]
        )
        context.add_init_script(WATCH)
        return Seen(context.new_page(), origin)

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_page_is_accessible_fits_and_obeys_its_policy(
    opened: Opened, name: str, theme: str, width: int
) -> None:
    seen = opened(theme=theme, width=width)
    page = seen.go(name)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = _axe(page)
    assert found["violations"] == []
    assert found["incomplete"] == []
    seen.assert_clean()


def _axe(page: sync_api.Page) -> dict[str, list[str]]:
    page.evaluate(AXE)
    result = page.evaluate(f"axe.run({{runOnly: {json.dumps(TAGS)}}})")
    return {
        "violations": [
            f"{each['id']}: {each['nodes'][0]['html']}" for each in result["violations"]
        ],
        "incomplete": [
            f"{each['id']}: {node['html']}"
            for each in result["incomplete"]
            for node in each["nodes"]
            if each["id"] == "color-contrast"
        ],
    }


def test_a_page_works_without_script(opened: Opened, name: str) -> None:
    seen = opened(java_script_enabled=False)
    page = seen.go(name)
    assert page.locator("h1").is_visible()
    for button in page.locator("[data-copy]").all():
        assert not button.is_visible()
    submit = page.locator("form[method=post] button").first
    if submit.count():
        for field in page.locator("input[required]").all():
            field.fill("correct horse battery")
        submit.click()
        assert page.url.endswith("/post")
        assert '"csrf"' in page.content()


@pytest.mark.parametrize("system", THEMES)
def test_the_systems_theme_is_followed_before_the_first_paint(opened: Opened, system: str) -> None:
    seen = opened(theme="system", color_scheme=system)
    page = seen.go("sign-in")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == system
    seen.assert_clean()


def test_a_sign_in_works_by_keyboard_alone(opened: Opened) -> None:
    page = opened().go("sign-in")
    page.keyboard.press("Tab")
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/post")
    assert '"username": "alice"' in page.content()


def test_a_refused_form_says_why_where_the_focus_is(opened: Opened) -> None:
    page = opened().go("sign-in-refused")
    assert page.evaluate("document.activeElement.id") == "problem"
    assert page.locator("#username").get_attribute("aria-describedby") == "problem"


def test_the_code_can_be_copied(opened: Opened) -> None:
    seen = opened(permissions=["clipboard-read", "clipboard-write"])
    page = seen.go("code")
    page.get_by_role("button", name="Copy code").click()
    sync_api.expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "WQ7K-3MPX"
    seen.assert_clean()


def test_a_time_is_shown_in_the_browsers_own_zone(opened: Opened) -> None:
    page = opened(timezone_id="Europe/Zurich").go("code")
    time = page.locator("time")
    assert time.text_content() == "10:17:00"
    assert time.get_attribute("title") == "09:17:00 UTC"
