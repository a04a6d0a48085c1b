"""`labpass trust` without a cluster: plans and texts for machines out of reach."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from labpass.commands import trust
from labpass.commands.surroundings import Surroundings
from labpass.problems import Problem, UsageProblem

BUNDLE: dict[str, Any] = {
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
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(BUNDLE))
    bundle.chmod(0o600)
    here = Surroundings(
        environment={"LABPASS_HOME": str(tmp_path)},
        now=lambda: datetime(2026, 11, 23, 18, tzinfo=UTC),
        profile="default",
    )

    def invoke(*words: str) -> Result:
        given = [*words, "--bundle", str(bundle), "--config-file", str(tmp_path / "auth.yaml")]
        return CliRunner().invoke(trust.trust, given, obj=here, standalone_mode=False)

    return invoke


def test_a_plan_for_a_named_version_needs_no_cluster(run: Run) -> None:
    done = run("plan", "--server-version", "v1.31.2")
    assert done.return_value == 0
    assert "+apiVersion: apiserver.config.k8s.io/v1beta1" in done.stdout
    assert "--authentication-config=" in done.stdout
    assert "the API server is restarted" in done.stderr
    assert "Known:  read in the vendor's pages" in done.stderr


def test_a_plan_is_a_document_for_programs(run: Run) -> None:
    done = run("plan", "--server-version", "1.29.3", "-o", "json")
    (step,) = json.loads(done.stdout)["steps"]
    assert "--oidc-issuer-url=https://labpass.example.org" in step["arguments"]
    assert "right" not in done.output


def test_a_refused_plan_says_so_with_its_exit_code(run: Run, tmp_path: Path) -> None:
    bare = {"issuer": {"url": "https://company.example", "audiences": ["a"]}}
    mapped = {"claimMappings": {"username": {"claim": "sub", "prefix": ""}}}
    present = {"apiVersion": "apiserver.config.k8s.io/v1", "jwt": [bare | mapped]}
    (tmp_path / "auth.yaml").write_text(json.dumps(present))
    done = run("plan", "--server-version", "1.36.3")
    assert done.return_value == 3
    assert "REFUSED: jwt[0].claimMappings.username" in done.stderr
    instead = run("plan", "--server-version", "1.36.3", "--instead-of", "https://company.example")
    assert instead.return_value == 0


def test_show_prints_the_whole_text_for_hands(run: Run) -> None:
    done = run("show", "--server-version", "1.36.3")
    assert "url: https://labpass.example.org" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("#     --authentication-config=")
    assert json.loads(run("show", "--server-version", "1.36.3", "-o", "json").stdout)["steps"]


@pytest.mark.parametrize("words", [("plan",), ("show",), ("plan", "--server-version", "new")])
def test_without_a_version_there_is_no_plan(run: Run, words: tuple[str, ...]) -> None:
    assert isinstance(run(*words).exception, UsageProblem)


def test_a_canary_that_is_over_is_named_before_anything_fails_for_it(
    run: Run, tmp_path: Path
) -> None:
    over = {**BUNDLE["canary"], "expires_at": "2026-11-23T17:59:59Z"}
    (tmp_path / "bundle.json").write_text(json.dumps(BUNDLE | {"canary": over}))
    done = run("verify", "--server-version", "1.36.3")
    assert "labpass cluster bundle north" in done.stderr


@pytest.mark.parametrize("command", ["apply", "verify"])
def test_nothing_is_changed_or_proven_without_a_break_glass_credential(
    run: Run, command: str
) -> None:
    done = run(command, "--server-version", "1.36.3")
    assert isinstance(done.exception, UsageProblem)
    assert "--break-glass" in done.exception.hint


def test_a_file_that_cannot_be_understood_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "auth.yaml").write_text("a: b: c")
    done = run("plan", "--server-version", "1.36.3")
    assert isinstance(done.exception, Problem)
    assert "nothing was changed" in done.exception.hint


@pytest.mark.parametrize("command", ["plan", "show"])
def test_that_there_is_nothing_but_trust_below_1_30_is_said(run: Run, command: str) -> None:
    assert "Labpass installs nothing" in run(command, "--server-version", "v1.29.4").stderr
    assert "Labpass installs nothing" not in run(command, "--server-version", "v1.30.0").stderr
