"""Signs people in as a plain OpenID Connect program does: through the pages, by forms."""

import base64
import hashlib
import html
import re
import secrets
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

FIELD = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
CALLBACK = "http://127.0.0.1:9/"


def refresh_token(
    client: httpx2.Client, *, audience: str, username: str, password: str
) -> tuple[str, str]:
    """Return a refresh token and an ID token of a cluster's own public client."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": audience,
        "redirect_uri": CALLBACK,
        "scope": "openid offline_access",
        "state": secrets.token_urlsafe(16),
        "nonce": secrets.token_urlsafe(16),
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    client.cookies.clear()
    answer = client.get("/authorize", params=asked)
    while not (answer.headers.get("location") or "").startswith(CALLBACK):
        answer = _next(client, answer, username, password)
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": CALLBACK,
        "client_id": audience,
    }
    granted = client.post("/token", data=form)
    granted.raise_for_status()
    tokens = granted.json()
    return tokens["refresh_token"], tokens["id_token"]


def _next(
    client: httpx2.Client, answer: httpx2.Response, username: str, password: str
) -> httpx2.Response:
    """Follow a redirect, or fill in and send the form of a page."""
    if answer.is_redirect:
        return client.get(urljoin(str(answer.url), answer.headers["location"]))
    if answer.status_code != httpx2.codes.OK:
        raise RuntimeError(f"{answer.url} answered {answer.status_code}: {answer.text[:300]}")
    action = re.search(r'<form\b[^>]*\baction="([^"]*)"', answer.text)
    if action is None:
        raise RuntimeError(f"{answer.url} has no form")
    form = {}
    for field in FIELD.findall(answer.text):
        attributes = dict(ATTRIBUTE.findall(field))
        if "name" in attributes:
            form[attributes["name"]] = html.unescape(attributes.get("value", ""))
    form |= {name: value for name, value in _typed(username, password).items() if name in form}
    return client.post(urljoin(str(answer.url), html.unescape(action[1])), data=form)


def _typed(username: str, password: str) -> dict[str, str]:
    return {"username": username, "handle": username, "password": password}
