"""A self-managed API server: the texts, read as documents, and the plan around them."""

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from labpass.trust import flags, steps, structured, text
from labpass.trust.config import TrustConfig
from labpass.trust.distribution import Change, Distribution, Found, How, Proof
from labpass.trust.distributions.self_managed import SelfManaged
from labpass.trust.version import Version

FILE = "/etc/kubernetes/pki/labpass/authentication.yaml"
GOLDEN = Path(__file__).parents[1] / "golden/self-managed"
OURS: Distribution = SelfManaged(config_file=FILE)
COMPANY = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions:
  - path: /livez
jwt:
- issuer:
    url: https://company.example
    audiences: [kubernetes]
  claimMappings:
    username: {claim: email, prefix: "company:"}
  claimValidationRules:
  - expression: claims.email_verified == true
"""


def found(version: str, file: str | None, **more: object) -> Found:
    files = {} if file is None else {FILE: file}
    documents = {
        path: YAML(typ="safe", pure=True).load(io.StringIO(it)) for path, it in files.items()
    }
    made = Found(version=Version.parse(version), files=files, documents=documents)
    return replace(made, **more)  # type: ignore[arg-type]


def golden(name: str, change: Change) -> None:
    """Compare with the file; `LABPASS_GOLDEN=write` writes it instead."""
    shown = "".join(f"{line}\n" for step in change.steps for line in steps.lines(step))
    path = GOLDEN / name
    if os.environ.get("LABPASS_GOLDEN") == "write":
        path.write_text(shown)
    assert path.read_text() == shown


@pytest.mark.parametrize("version", ["1.36.3", "1.34.4", "1.33.13", "1.30.14", "1.29.14"])
def test_the_text_for_each_version(config: TrustConfig, version: str) -> None:
    golden(f"v{version}.diff", OURS.change(config, found(version, None)))


def test_the_text_beside_a_company_s_own_issuer(config: TrustConfig) -> None:
    change = OURS.change(config, found("1.36.3", COMPANY, runs_from_file=True))
    golden("beside-another-issuer.diff", change)
    assert not change.is_refused
    assert change.effect.how is How.HOT_RELOAD
    assert change.effect.away.total_seconds() == 0


def test_what_was_written_is_read_back(config: TrustConfig) -> None:
    for version in ("1.36.3", "1.30.14"):
        (write, _) = OURS.change(config, found(version, None)).steps
        assert isinstance(write, steps.WriteFile)
        (read,) = OURS.read(found(version, write.text))
        assert read == config.accepting_any_algorithm()
    assert OURS.read(found("1.36.3", None)) == ()


def test_flags_are_read_back(config: TrustConfig) -> None:
    (write, add) = OURS.change(config, found("1.29.14", None)).steps
    assert isinstance(write, steps.WriteFile)
    assert isinstance(add, steps.AddArguments)
    present = found("1.29.14", None, command=add.arguments, files={write.path: write.text})
    assert OURS.read(present) == (config,)
    assert not OURS.change(config, present).is_refused
    assert OURS.read(found("1.29.14", None)) == ()


def test_a_second_plan_changes_nothing(config: TrustConfig) -> None:
    first = OURS.change(config, found("1.36.3", COMPANY, runs_from_file=True))
    (write,) = first.steps
    assert isinstance(write, steps.WriteFile)
    second = OURS.change(config, found("1.36.3", write.text, runs_from_file=True))
    assert second.is_nothing
    assert second.effect.how is How.NOTHING
    assert first.watch.running_hash == second.watch.running_hash == steps.hash_of(write.text)


def test_the_way_back_leaves_what_was_there(config: TrustConfig) -> None:
    change = OURS.change(config, found("1.36.3", COMPANY, runs_from_file=True))
    (back,) = change.undo
    assert isinstance(back, steps.WriteFile)
    loaded = YAML(typ="safe", pure=True)
    assert loaded.load(back.text) == loaded.load(COMPANY)


def test_below_1_34_a_reload_is_counted(config: TrustConfig) -> None:
    empty = text.render(structured.empty(Version.parse("1.30")))
    change = OURS.change(config, found("1.30.14", empty))
    assert (change.watch.running_hash, change.watch.counts_reloads) == (None, True)


def test_both_mechanisms_at_once_are_refused(config: TrustConfig) -> None:
    present = found("1.36.3", COMPANY, command=("--oidc-issuer-url=https://a.example",))
    assert OURS.change(config, present).is_refused


def test_another_issuer_in_the_flags_is_not_overwritten(config: TrustConfig) -> None:
    other = replace(config, issuer="https://company.example", certificate_authority=None)
    present = found("1.29.14", None, command=flags.arguments(other))
    assert OURS.change(config, present).is_refused


def test_cel_that_is_not_running_is_refused(config: TrustConfig) -> None:
    change = OURS.change(config, found("1.36.3", COMPANY, runs_from_file=None))
    assert change.is_refused
    assert "CEL" in str(change.to_document()["findings"])


def test_it_says_on_what_evidence(config: TrustConfig) -> None:
    assert OURS.evidence(Version.parse("1.36.3")).proof is Proof.REAL
    assert OURS.evidence(Version.parse("1.31")).proof is Proof.DOCUMENTS
    assert (OURS.name, OURS.title) == ("self-managed", "a self-managed API server")


def test_comments_that_would_be_lost_are_a_warning(config: TrustConfig) -> None:
    change = OURS.change(config, found("1.36.3", "# ours\n" + COMPANY, runs_from_file=True))
    assert not change.is_refused
    assert [str(one) for one in change.findings] == [
        "comments: are not kept when the file is written anew (the backup has them)"
    ]


def test_our_former_address_goes_when_the_new_one_comes(config: TrustConfig) -> None:
    moved = replace(config, issuer="https://new.example.org")
    (write,) = OURS.change(config, found("1.36.3", COMPANY, runs_from_file=True)).steps
    assert isinstance(write, steps.WriteFile)
    present = found("1.36.3", write.text, runs_from_file=True)
    assert OURS.change(moved, present).is_refused
    instead = SelfManaged(config_file=FILE, instead_of=(config.issuer, "https://never.example"))
    change = instead.change(moved, present)
    assert not change.is_refused
    (after,) = change.steps
    assert isinstance(after, steps.WriteFile)
    loaded = YAML(typ="safe", pure=True).load(after.text)
    assert structured.read(loaded) == (moved.accepting_any_algorithm(),)
    assert structured.foreign(loaded) == ("https://company.example",)
    assert not instead.change(moved, found("1.36.3", None)).is_refused


def test_undoing_takes_ours_out_of_todays_file_and_nothing_else(config: TrustConfig) -> None:
    both = structured.merge(
        YAML(typ="safe", pure=True).load(io.StringIO(COMPANY)), config, Version.parse("1.36.3")
    )
    change = OURS.withdraw(config.issuer, found("1.36.3", text.render(both), runs_from_file=True))
    (write,) = change.steps
    assert isinstance(write, steps.WriteFile)
    left = YAML(typ="safe", pure=True).load(io.StringIO(write.text))
    assert left == YAML(typ="safe", pure=True).load(io.StringIO(COMPANY))
    assert change.effect.how is How.HOT_RELOAD
    assert change.watch.running_hash == steps.hash_of(write.text)


def test_undoing_what_is_not_there_changes_no_byte(config: TrustConfig) -> None:
    change = OURS.withdraw(config.issuer, found("1.36.3", COMPANY, runs_from_file=True))
    assert change.is_nothing
    assert not change.findings


def test_undoing_a_file_that_does_not_run_is_refused(config: TrustConfig) -> None:
    assert OURS.withdraw(config.issuer, found("1.36.3", COMPANY, runs_from_file=False)).is_refused


@pytest.mark.parametrize("version", ["1.29.14", "1.36.3"])
def test_undoing_without_a_file_is_words_for_a_person(config: TrustConfig, version: str) -> None:
    (step,) = OURS.withdraw(config.issuer, found(version, None)).steps
    assert isinstance(step, steps.TellPerson)
