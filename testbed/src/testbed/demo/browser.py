"""A browser without scripts, on another machine: opens a link, fills in forms, keeps cookies."""

import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Self
from urllib.parse import urljoin

import httpx2

from testbed.problems import Problem


@dataclass(slots=True, kw_only=True)
class Form:
    """One form of a page: where it goes, and its fields with the values they have."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a browser has in front of it."""

    url: str
    status: int
    text: str
    forms: tuple[Form, ...]

    def element(self, identity: str) -> str:
        """Return the text of the element with that id; raises `Problem` when there is none."""
        found = _Text(identity)
        found.feed(self.text)
        if not found.text:
            raise Problem(f"{self.url} shows no #{identity}:\n{self.text[:2000]}")
        return found.text.strip()

    def form(self, having: str) -> Form:
        """Return the form with a field or button of that name; raises `Problem` without one."""
        for each in self.forms:
            if having in each.fields or any(name == having for name, _ in each.buttons):
                return each
        raise Problem(f"{self.url} has no form with {having} ({self.status}):\n{self.text[:2000]}")


class Browser:
    """Trusts one authority's CA and nothing else."""

    def __init__(self, ca: Path) -> None:
        context = ssl.create_default_context(cafile=str(ca))
        self._client = httpx2.Client(verify=context, follow_redirects=True, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open(self, url: str) -> Page:
        """Open an address."""
        return _page(self._client.get(url, headers={"Accept": "text/html"}))

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Send a form with these values in it, the rest as the page had them."""
        target = urljoin(page.url, form.action)
        headers = {"Accept": "text/html", "Origin": _origin(page.url), "Referer": page.url}
        sent = form.fields | values
        return _page(self._client.post(target, data=sent, headers=headers))


def _origin(url: str) -> str:
    found = httpx2.URL(url)
    return f"{found.scheme}://{found.netloc.decode()}"


def _page(answer: httpx2.Response) -> Page:
    text = answer.text
    return Page(url=str(answer.url), status=answer.status_code, text=text, forms=forms(text))


def forms(text: str) -> tuple[Form, ...]:
    """Return the forms of a page, in their order."""
    reader = _Forms()
    reader.feed(text)
    return tuple(reader.forms)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=found.get("action", "")))
        elif self.forms and tag == "input" and "name" in found:
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif self.forms and tag == "button" and "name" in found:
            self.forms[-1].buttons.append((found["name"], found.get("value", "")))


class _Text(HTMLParser):
    def __init__(self, identity: str) -> None:
        super().__init__()
        self._identity = identity
        self._depth = 0
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth:
            self._depth += tag not in {"br", "img", "input", "use"}
        elif dict(attrs).get("id") == self._identity:
            self._depth = 1

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._depth -= bool(self._depth)

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.text += data
