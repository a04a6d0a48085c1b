"""What a `TrustConfig` refuses, and that it survives being written down."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.trust.config import TrustConfig
from labpass.trust.errors import Invalid

CONFIGS = st.from_type(TrustConfig)


@given(CONFIGS)
def test_what_is_written_down_is_read_back(config: TrustConfig) -> None:
    assert TrustConfig.from_document(config.to_document()) == config


def test_the_authority_is_written_down_too(config: TrustConfig) -> None:
    assert TrustConfig.from_document(config.to_document()) == config


def test_what_a_document_leaves_out_is_the_usual() -> None:
    document = {"issuer": "https://a.example", "audiences": ["one"]}
    read = TrustConfig.from_document(document)
    assert (read.username_claim, read.username_prefix) == ("preferred_username", "labpass:")
    assert (read.groups_claim, read.groups_prefix) == ("groups", "labpass:")
    assert read.algorithms == ("RS256",)


HOSTILE: dict[str, dict[str, Any]] = {
    "http": {"issuer": "http://a.example"},
    "a scheme in capitals": {"issuer": "HTTPS://a.example"},
    "a user": {"issuer": "https://root@a.example"},
    "a query": {"issuer": "https://a.example?x=1"},
    "an empty query": {"issuer": "https://a.example?"},
    "a fragment": {"issuer": "https://a.example#x"},
    "no host": {"issuer": "https:///path"},
    "a line end": {"issuer": "https://a.example\n"},
    "a port that is none": {"issuer": "https://a.example:port"},
    "port zero": {"issuer": "https://a.example:0"},
    "a bracket too many": {"issuer": "https://[::1"},
    "no audience": {"audiences": ()},
    "an empty audience": {"audiences": ("",)},
    "an audience twice": {"audiences": ("a", "a")},
    "an audience with a blank": {"audiences": ("a b",)},
    "an empty prefix": {"username_prefix": ""},
    "an empty group prefix": {"groups_prefix": ""},
    "the prefix that means none": {"username_prefix": "-"},
    "system names": {"username_prefix": "system:"},
    "system groups": {"groups_prefix": "system:masters:"},
    "kubeadm's groups": {"groups_prefix": "kubeadm:"},
    "a quote that ends the CEL": {"username_prefix": "a'||true||':"},
    "a backslash": {"username_prefix": "a\\:"},
    "a claim that is CEL": {"username_claim": "claims.sub"},
    "an empty claim": {"groups_claim": ""},
    "a required claim twice": {"required_claims": (("a", "b"), ("a", "c"))},
    "a required value with a comma": {"required_claims": (("a", "b,c"),)},
    "no algorithm": {"algorithms": ("none",)},
    "a symmetric algorithm": {"algorithms": ("HS256",)},
    "an algorithm twice": {"algorithms": ("RS256", "RS256")},
    "an authority that is no PEM": {"certificate_authority": "hello"},
    "an empty authority": {"certificate_authority": ""},
    "an authority that is no certificate": {
        "certificate_authority": "-----BEGIN CERTIFICATE-----\naGVs\n-----END CERTIFICATE-----\n"
    },
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_configuration_that_no_api_server_should_get_is_refused(
    config: TrustConfig, attack: str
) -> None:
    with pytest.raises(Invalid):
        replace(config, **HOSTILE[attack])


def test_a_private_key_beside_the_certificate_is_refused(
    config: TrustConfig, authority: str
) -> None:
    key = "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n"
    with pytest.raises(Invalid):
        replace(config, certificate_authority=authority + key)


def test_a_certificate_cut_short_is_refused(config: TrustConfig, authority: str) -> None:
    first, *middle, last = authority.splitlines()
    cut = "\n".join([first, *middle[:-1], last, ""])
    with pytest.raises(Invalid):
        replace(config, certificate_authority=cut)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://a.example"},
        {"audiences": ["a"]},
        {"issuer": 1, "audiences": ["a"]},
        {"issuer": "https://a.example", "audiences": "a"},
        {"issuer": "https://a.example", "audiences": [1]},
        {"issuer": "https://a.example", "audiences": ["a"], "required_claims": ["a"]},
        {"issuer": "https://a.example", "audiences": ["a"], "usernamePrefix": "x:"},
    ],
)
def test_a_document_that_means_something_else_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        TrustConfig.from_document(document)
