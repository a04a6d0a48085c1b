"""`labpass trust` on a real API server: plan, apply, proof, and every way back."""

import json
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from ruamel.yaml import YAML

from labpass.problems import CheckFailed, Conflict
from labpass.rollout import trust_change
from labpass.rollout.trust_change import Window
from labpass.secret import Secret
from labpass.trust import steps
from labpass.trust.distribution import Watch

Place: TypeAlias = Any  # conftest.Place; a test folder is no package to import from
Issuer: TypeAlias = Any  # conftest.Issuer

pytestmark = [pytest.mark.testbed, pytest.mark.slow]


def test_the_whole_way_is_proven_and_a_second_time_changes_nothing(
    place: Place, issuer: Issuer
) -> None:
    bundle = issuer.bundle()
    plan = place.run("plan", bundle=bundle)
    assert plan.returncode == 0, plan.stderr
    assert "+    url: " + issuer.url in plan.stdout
    assert place.file.read_bytes() == place.empty

    applied = place.run(
        "apply", "--yes", "--backup", str(place.backups), "-o", "json", bundle=bundle
    )
    assert applied.returncode == 0, applied.stderr
    said = json.loads(applied.stdout)
    assert said["proven"]
    assert {line["verdict"] for line in said["proof"]} == {"passed"}
    assert Path(said["backup"]).read_bytes() == place.empty
    print(f"written -> token accepted: {said['token_accepted_after_seconds']} s")  # noqa: T201 -- a number people want to see
    assert said["token_accepted_after_seconds"] < 60 + 2

    assert place.run("verify", bundle=bundle).returncode == 0
    again = place.run("plan", bundle=bundle)
    assert "stays as it is" in again.stdout

    for claims in (
        {"preferred_username": ""},
        {"preferred_username": "system:admin"},
        {"preferred_username": "Alice"},
        {"iss": issuer.url + "/"},
        {"exp": 1},
    ):
        assert place.server.bearer(Secret(issuer.token(**claims))).status == 401, claims
    masters = place.server.bearer(Secret(issuer.token(groups=["system:masters"])))
    assert masters.groups == ("labpass:system:masters", "system:authenticated")


def test_somebody_else_s_issuer_keeps_working(
    place: Place, issuer: Issuer, company: Issuer
) -> None:
    theirs = company.bundle(username_prefix="company:", groups_prefix="company:")
    theirs["canary"]["username"] = "company:canary"
    theirs["canary"]["groups"] = ["company:canary"]
    assert place.apply(theirs).returncode == 0
    applied = place.apply(issuer.bundle())
    assert applied.returncode == 0, applied.stderr
    assert place.server.bearer(Secret(company.token())).username == "company:canary"
    assert place.server.bearer(Secret(issuer.token())).username == "labpass:canary"


def test_a_neighbour_that_could_name_our_people_is_refused(
    place: Place, issuer: Issuer, company: Issuer
) -> None:
    bare = {"username": {"claim": "sub", "prefix": ""}}
    entry = {
        "issuer": {
            "url": company.url,
            "certificateAuthority": company.authority,
            "audiences": ["x"],
        },
        "claimMappings": bare,
    }
    document = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "jwt": [entry],
    }
    before = json.dumps(document).encode()
    place.load(before)
    refused = place.apply(issuer.bundle())
    assert refused.returncode == CheckFailed.exit_code
    assert "could name somebody labpass:" in refused.stderr
    assert "startsWith" in refused.stderr
    assert place.file.read_bytes() == before


@pytest.mark.parametrize(
    "case", ["another issuer name", "another authority", "issuer gone", "canary over"]
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    place: Place, issuer: Issuer, company: Issuer, case: str
) -> None:
    bundle = issuer.bundle()
    match case:
        case "another issuer name":
            issuer.changes["issuer"] = issuer.url + "/"
        case "another authority":
            bundle["trust"]["certificate_authority"] = company.authority
        case "issuer gone":
            bundle["trust"]["issuer"] = "https://127.0.0.1:9"
        case _:
            bundle["canary"]["expires_at"] = "2026-01-01T00:00:00+00:00"
    refused = place.apply(bundle)
    assert refused.returncode == CheckFailed.exit_code, refused.stderr
    assert place.file.read_bytes() == place.empty
    assert not place.backups.exists()


def test_without_a_working_break_glass_credential_nothing_is_written(
    place: Place, issuer: Issuer
) -> None:
    text = place.break_glass.read_text()
    broken = place.folder / "broken.conf"
    kept = [line for line in text.splitlines() if "client-" not in line]
    broken.write_text("\n".join(kept))
    place.break_glass = broken
    refused = place.apply(issuer.bundle())
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert place.file.read_bytes() == place.empty


def test_a_break_glass_credential_that_hangs_on_labpass_is_refused(
    place: Place, issuer: Issuer
) -> None:
    assert place.apply(issuer.bundle()).returncode == 0
    before = place.file.read_bytes()
    text = place.break_glass.read_text()
    ours = place.folder / "ours.conf"
    document = YAML(typ="safe").load(text)
    document["users"][0]["user"] = {"token": issuer.token()}
    ours.write_text(json.dumps(document))
    place.break_glass = ours
    refused = place.apply(issuer.bundle(groups_prefix="other:"))
    assert refused.returncode != 0
    assert place.file.read_bytes() == before


def test_a_canary_that_is_somebody_else_gives_the_old_file_back(
    place: Place, issuer: Issuer
) -> None:
    bundle = issuer.bundle()
    bundle["canary"]["username"] = "labpass:somebody-else"
    failed = place.apply(bundle)
    assert failed.returncode == CheckFailed.exit_code
    assert "should be labpass:somebody-else, is labpass:canary" in failed.stderr
    assert "the old configuration runs" in failed.stderr
    assert place.file.read_bytes() == place.empty
    assert place.runs(place.empty)
    assert place.server.bearer(Secret(issuer.token())).status == 401


def test_a_file_that_the_api_server_refuses_is_given_back(place: Place) -> None:
    """Forced past our own checks: an unknown field."""
    bad = place.empty + b"surprise: true\n"
    window = Window(
        path=place.file,
        old=place.empty,
        new=bad,
        watch=Watch(running_hash=steps.hash_of(bad.decode())),
        undone=Watch(running_hash=steps.hash_of(place.empty.decode())),
        deadline=timedelta(seconds=120),
    )
    said: list[str] = []
    with pytest.raises(Conflict, match="refused the new configuration"):
        trust_change.carry_out(window, place.server, said.append, confirm=lambda: None)
    assert place.file.read_bytes() == place.empty
    assert said[-1] == "the old configuration runs"


def test_undoing_a_year_later_takes_ours_out_and_leaves_what_came_since(
    place: Place, issuer: Issuer, company: Issuer
) -> None:
    assert place.apply(issuer.bundle()).returncode == 0
    theirs = company.bundle(username_prefix="company:", groups_prefix="company:")
    theirs["canary"]["username"] = "company:canary"
    theirs["canary"]["groups"] = ["company:canary"]
    assert place.apply(theirs).returncode == 0

    shown = place.run("undo", "--dry-run", bundle=issuer.bundle())
    assert f"-    url: {issuer.url}" in shown.stdout
    before = place.file.read_bytes()
    issuer_is_gone = issuer.bundle()
    issuer_is_gone["canary"]["expires_at"] = "2026-01-01T00:00:00+00:00"
    undone = place.run(
        "undo", "--yes", "--backup", str(place.backups), "-o", "json", bundle=issuer_is_gone
    )
    assert undone.returncode == 0, undone.stderr
    said = json.loads(undone.stdout)
    assert said["proven"]
    assert Path(said["backup"]).read_bytes() == before
    assert place.server.bearer(Secret(company.token())).username == "company:canary"
    assert place.server.bearer(Secret(issuer.token())).status == 401
    assert "stays as it is" in place.run("undo", "--yes", bundle=issuer.bundle()).stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_in_the_window_ends_in_the_old_state(
    place: Place, issuer: Issuer, number: signal.Signals
) -> None:
    words = ("apply", "--yes", "--backup", str(place.backups))
    command = place.command(*words, bundle=issuer.bundle())
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as it:
        assert it.stderr is not None
        for line in it.stderr:
            if "wrote" in line:
                break
        it.send_signal(number)
        rest = it.stderr.read()
        assert it.wait(150) == 130, rest
    assert "giving the old file back" in rest
    assert place.file.read_bytes() == place.empty
    place.settle()


def test_a_file_the_api_server_does_not_run_from_is_left_alone(
    place: Place, issuer: Issuer, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_bytes(place.empty + b"# another\n")
    place.file = other
    refused = place.apply(issuer.bundle())
    assert refused.returncode == Conflict.exit_code
    assert "does not run from" in refused.stderr
    assert other.read_bytes() == place.empty + b"# another\n"
