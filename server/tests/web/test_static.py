import gzip
import hashlib
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from labpass_server.web import site, static

MANIFESTS = [
    static.DIRECTORY / "vendor" / "manifest.json",
    Path(__file__).parent / "vendor" / "manifest.json",
]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=["shipped", "tests"])
def test_what_was_vendored_is_what_the_manifest_says(manifest: Path) -> None:
    listed = {}
    for package in json.loads(manifest.read_text())["packages"]:
        assert set(package) == {"name", "version", "licence", "source", "files"}
        assert any(name.endswith("LICENSE") for name in package["files"])
        listed.update(package["files"])
    found = {
        str(path.relative_to(manifest.parent)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in manifest.parent.rglob("*")
        if path.is_file() and path != manifest
    }
    assert found == listed


def test_a_file_is_cached_for_ever_under_its_hash(client: TestClient, shared: site.Site) -> None:
    address = shared.assets.address("app.css")
    answer = client.get(address, headers={"Accept-Encoding": "identity"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(answer.content).hexdigest()[:12] in address


def test_a_file_is_compressed_for_who_can_read_it(client: TestClient, shared: site.Site) -> None:
    with client.stream("GET", shared.assets.address("app.css")) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == (static.DIRECTORY / "app.css").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/static/app.css",
        "/static/../page.py",
        "/static/%2e%2e/page.py",
        "/static/vendor/manifest.json",
        "/static//etc/passwd",
    ],
)
def test_only_hashed_names_are_served_whatever_the_path_says(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_new_content_has_a_new_address() -> None:
    before = static.Assets({"a.css": b"1"}).address("a.css")
    assert static.Assets({"a.css": b"2"}).address("a.css") != before
