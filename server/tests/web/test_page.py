import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from labpass_server.web import pages, theme

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}'"
Serve = Callable[[Mapping[str, pages.Page]], TestClient]


def hostile(page: pages.Page) -> pages.Page:
    texts: dict[str, Any] = {
        field.name: HOSTILE
        for field in dataclasses.fields(page)
        if isinstance(getattr(page, field.name), str) and field.name != "action"
    }
    changed: pages.Page = dataclasses.replace(page, **texts)
    return changed


def test_whatever_is_shown_is_escaped(
    serve: Serve, samples: Mapping[str, pages.Page], name: str
) -> None:
    html = serve({name: hostile(samples[name])}).get(f"/page/{name}").text
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "49" not in re.findall(r">\s*49\s*<", html)
    assert '"><' not in html.replace("&#34;&gt;&lt;", "") or HOSTILE not in html


def test_no_page_needs_inline_script_or_style(client: TestClient, name: str) -> None:
    html = client.get(f"/page/{name}").text
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", html)


def test_every_page_has_one_heading_a_title_and_a_main_part(client: TestClient, name: str) -> None:
    html = client.get(f"/page/{name}").text
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert re.search(r"<title>[A-Z][^<]+ · Labpass</title>", html)


def test_a_page_asks_only_this_server_for_files(client: TestClient, name: str) -> None:
    html = client.get(f"/page/{name}").text
    for address in re.findall(r'(?:src|href)="([^"#]+)', html):
        assert address.startswith("/static/")
        assert client.get(address).status_code == 200


def test_a_form_post_answer_carries_its_fields_and_no_cookie(serve: Serve) -> None:
    page = pages.FormPost(
        redirect_uri="https://app.example.org/cb", fields={"code": "c", "iss": "i"}
    )
    answer = serve({"form-post": page}).get("/page/form-post")
    assert 'action="https://app.example.org/cb"' in answer.text
    assert 'name="code" value="c"' in answer.text
    assert "<button" in answer.text
    assert "set-cookie" not in answer.headers
    assert 'name="csrf"' not in answer.text


@pytest.mark.parametrize(
    ("cookie", "attribute", "has_script"),
    [
        ("light", "light", False),
        ("dark", "dark", False),
        ("system", "light", True),
        ("'><script>", "light", True),
        (None, "light", True),
    ],
)
def test_the_server_writes_the_theme(
    client: TestClient, cookie: str | None, attribute: str, *, has_script: bool
) -> None:
    headers = {} if cookie is None else {"Cookie": f"__Host-labpass-theme={cookie}"}
    html = client.get("/page/sign-in", headers=headers).text
    assert f'data-bs-theme="{attribute}"' in html
    assert ("/static/theme." in html) is has_script


def test_an_unknown_theme_is_the_systems() -> None:
    scope = {"type": "http", "headers": [(b"cookie", b"__Host-labpass-theme=pink")]}
    assert theme.of(Request(scope)) is theme.Theme.SYSTEM
