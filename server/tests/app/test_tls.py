from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from labpass.secret import Secret
from labpass_server import settings
from labpass_server.app import certificate, folder, tls
from labpass_server.model import errors

NOW = datetime.now(UTC)
KEY = b"k" * 32
ISSUER = "https://labpass.example.org"


def wanted(data: Path, issuer: str = ISSUER, **flags: str) -> settings.Settings:
    return settings.load({"data": str(data), "issuer": issuer, **flags}, {})


def test_a_restart_shows_the_same_certificate(tmp_path: Path) -> None:
    first = tls.prepare(wanted(tmp_path), KEY, now=NOW)
    shown = (tmp_path / "server.pem").read_bytes()
    second = tls.prepare(wanted(tmp_path), KEY, now=NOW)
    assert first is not None
    assert second is not None
    assert first.authority == second.authority
    assert (tmp_path / "server.pem").read_bytes() == shown


def test_a_running_server_renews_its_certificate_before_the_end(tmp_path: Path) -> None:
    prepared = tls.prepare(wanted(tmp_path), KEY, now=NOW)
    assert prepared is not None
    before = (tmp_path / "server.pem").read_bytes()
    prepared.renew(NOW + timedelta(days=59))
    assert (tmp_path / "server.pem").read_bytes() == before
    prepared.renew(NOW + timedelta(days=61))
    after = (tmp_path / "server.pem").read_bytes()
    assert not certificate.is_due(after, now=NOW + timedelta(days=61))


def test_a_stolen_data_folder_holds_no_open_key(tmp_path: Path) -> None:
    tls.prepare(wanted(tmp_path), KEY, now=NOW)
    for name in ("ca.key", "server.pem"):
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / name).read_bytes()
        assert b"BEGIN PRIVATE KEY" not in (tmp_path / name).read_bytes()


def test_another_sealing_key_does_not_open_them(tmp_path: Path) -> None:
    tls.prepare(wanted(tmp_path), KEY, now=NOW)
    with pytest.raises(errors.Invalid, match="sealing-key"):
        tls.prepare(wanted(tmp_path), b"x" * 32, now=NOW)


def test_the_ca_is_not_quietly_made_anew_for_another_host(tmp_path: Path) -> None:
    tls.prepare(wanted(tmp_path), KEY, now=NOW)
    before = (tmp_path / "ca.pem").read_bytes()
    with pytest.raises(errors.Invalid, match="another host"):
        tls.prepare(wanted(tmp_path, "https://other.example.org"), KEY, now=NOW)
    assert (tmp_path / "ca.pem").read_bytes() == before


def test_another_port_of_the_same_host_keeps_the_ca(tmp_path: Path) -> None:
    tls.prepare(wanted(tmp_path), KEY, now=NOW)
    assert tls.prepare(wanted(tmp_path, f"{ISSUER}:8443"), KEY, now=NOW) is not None


def test_behind_a_proxy_there_is_none(tmp_path: Path) -> None:
    proxied = wanted(tmp_path, **{"behind-proxy": "10.0.0.0/8"})
    assert tls.prepare(proxied, KEY, now=NOW) is None
    assert list(tmp_path.iterdir()) == []


class TestGiven:
    @staticmethod
    def give(tmp_path: Path, host: str, *, mode: int = 0o600, age: timedelta = timedelta()) -> Path:
        authority = certificate.make_authority(host, Secret("x"), now=NOW - age)
        pair = certificate.make_server(host, authority, Secret("x"), now=NOW - age)
        opened = serialization.load_pem_private_key(pair.key, b"x")
        plain = opened.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        folder.write_new(tmp_path / "given.pem", pair.certificate)
        folder.write_new(tmp_path / "given.key", plain)
        (tmp_path / "given.key").chmod(mode)
        return tmp_path

    @staticmethod
    def prepare(given: Path, key: bytes = KEY) -> tls.Tls | None:
        paths = {"tls-cert": str(given / "given.pem"), "tls-key": str(given / "given.key")}
        return tls.prepare(wanted(given, **paths), key, now=NOW)

    def test_a_certificate_for_the_issuer_is_shown(self, tmp_path: Path) -> None:
        prepared = self.prepare(self.give(tmp_path, "labpass.example.org"))
        assert prepared is not None
        assert prepared.authority is None
        assert not (tmp_path / "ca.pem").exists()

    def test_a_certificate_for_another_host_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(errors.Invalid, match="not for the issuer"):
            self.prepare(self.give(tmp_path, "other.example.org"))

    def test_a_key_others_can_read_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(errors.Invalid, match="chmod 600"):
            self.prepare(self.give(tmp_path, "labpass.example.org", mode=0o644))

    def test_an_expired_certificate_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(errors.Invalid, match="has expired"):
            self.prepare(self.give(tmp_path, "labpass.example.org", age=timedelta(days=91)))

    def test_a_certificate_of_the_future_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(errors.Invalid, match="not valid yet"):
            self.prepare(self.give(tmp_path, "labpass.example.org", age=-timedelta(days=1)))

    def test_a_key_of_another_certificate_is_refused(self, tmp_path: Path) -> None:
        given = self.give(tmp_path, "labpass.example.org")
        chain = (given / "given.pem").read_bytes()
        self.give(tmp_path, "labpass.example.org")
        (given / "given.pem").write_bytes(chain)
        with pytest.raises(errors.Invalid, match="does not open or fit"):
            self.prepare(given)

    def test_no_file_is_said_in_words(self, tmp_path: Path) -> None:
        with pytest.raises(errors.Invalid, match="cannot read"):
            self.prepare(tmp_path)
