"""The flags: what they say, what they cannot say, and that they are read back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.trust import flags
from labpass.trust.config import TrustConfig
from labpass.trust.errors import Invalid, NotExpressible

CONFIGS = st.from_type(TrustConfig)

CA = "/etc/kubernetes/pki/labpass-ca.pem"


@given(CONFIGS.filter(lambda config: len(config.audiences) == 1))
def test_the_flags_read_back_give_the_same_configuration(config: TrustConfig) -> None:
    command = ("kube-apiserver", "--v=2", *flags.arguments(config))
    assert flags.read(command, {}) == config


def test_a_private_authority_goes_through_its_file(config: TrustConfig) -> None:
    arguments = flags.arguments(config, authority_file=CA)
    assert f"--oidc-ca-file={CA}" in arguments
    assert config.certificate_authority is not None
    assert flags.read(arguments, {CA: config.certificate_authority}) == config
    with pytest.raises(Invalid, match="could not be read"):
        flags.read(arguments, {})


def test_what_flags_cannot_say_is_refused(config: TrustConfig) -> None:
    with pytest.raises(NotExpressible, match="file"):
        flags.arguments(config)
    with pytest.raises(NotExpressible, match="one audience"):
        flags.arguments(replace(config, audiences=("a", "b")), authority_file=CA)


def test_without_flags_there_is_nothing() -> None:
    assert flags.read(("kube-apiserver", "--v=2"), {}) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given[:-2],
        lambda given: [*given, "--oidc-issuer-url=https://other.example"],
        lambda given: [*given, "--oidc-surprise=1"],
        lambda given: [*given, "--oidc-issuer-url"],
        lambda given: [one for one in given if "username-prefix" not in one],
        lambda given: [one for one in given if "issuer-url" not in one],
    ],
)
def test_flags_that_we_would_not_have_written_are_refused(change: object) -> None:
    config = TrustConfig(issuer="https://a.example", audiences=("one",), algorithms=())
    assert callable(change)
    with pytest.raises(Invalid):
        flags.read(change(list(flags.arguments(config))), {})
