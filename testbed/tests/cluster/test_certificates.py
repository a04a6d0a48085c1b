import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from testbed.cluster import certificates


@pytest.fixture
def authority(tmp_path: Path) -> certificates.Authority:
    return certificates.Authority("kubernetes", tmp_path)


def _load(pair: certificates.Pair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.certificate.read_bytes())


def test_a_server_is_known_by_both_loopback_addresses(authority: certificates.Authority) -> None:
    found = _load(authority.server("apiserver", hosts=("localhost", "127.0.0.1", "::1")))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]
    found.verify_directly_issued_by(_load(authority.pair))


def test_a_client_carries_its_name_and_groups(authority: certificates.Authority) -> None:
    pair = authority.client("a", name="kubernetes-admin", groups=("g", "h"), as_kubeadm=True)
    subject = _load(pair).subject
    organisations = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [attribute.value for attribute in organisations] == ["g", "h"]
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "kubernetes-admin"
    assert isinstance(_load(pair).public_key(), rsa.RSAPublicKey)


def test_keys_are_their_owners_alone(authority: certificates.Authority) -> None:
    pair = authority.client("a", name="a")
    assert pair.key.stat().st_mode & 0o077 == 0
