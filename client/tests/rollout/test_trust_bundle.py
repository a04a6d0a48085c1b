"""A bundle: what it must hold, and who may have written it."""

import json
from pathlib import Path
from typing import Any

import pytest

from labpass.problems import NotFound, Problem
from labpass.rollout import trust_bundle

GOOD: dict[str, Any] = {
    "cluster": "north",
    "trust": {"issuer": "https://labpass.example.org", "audiences": ["labpass-north-1"]},
    "canary": {
        "token": "right",
        "wrong_audience_token": "wrong",
        "username": "labpass:canary",
        "groups": ["labpass:canary"],
        "expires_at": "2026-11-23T19:00:00Z",
    },
}


def written(folder: Path, document: object, mode: int = 0o600) -> Path:
    path = folder / "bundle.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    path.chmod(mode)
    return path


def test_a_bundle_is_read(tmp_path: Path) -> None:
    bundle = trust_bundle.load(written(tmp_path, GOOD))
    assert bundle.config.issuer == "https://labpass.example.org"
    assert bundle.canary.token.reveal() == "right"
    assert "right" not in repr(bundle)
    assert bundle.canary.expires_at.tzinfo is not None


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "<html>",
        without("trust"),
        without("canary"),
        GOOD | {"trust": {"issuer": "http://a.example", "audiences": ["a"]}},
        GOOD | {"trust": GOOD["trust"] | {"username_prefix": "system:"}},
        GOOD | {"canary": GOOD["canary"] | {"groups": "labpass:canary"}},
        GOOD | {"canary": GOOD["canary"] | {"expires_at": "tomorrow"}},
        GOOD | {"canary": GOOD["canary"] | {"expires_at": "2026-11-23T19:00:00"}},
        "x" * (1 << 21),
    ],
)
def test_what_is_no_bundle_is_refused_in_words(tmp_path: Path, document: object) -> None:
    with pytest.raises(Problem, match="bundle"):
        trust_bundle.load(written(tmp_path, document))


@pytest.mark.parametrize("mode", [0o622, 0o660, 0o666])
def test_a_bundle_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(Problem, match="written by others"):
        trust_bundle.load(written(tmp_path, GOOD, mode))


def test_a_bundle_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        trust_bundle.load(tmp_path / "none.json")
