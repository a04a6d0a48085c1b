from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from labpass_server import settings
from labpass_server.model import errors, policy


def load(
    surroundings: Mapping[str, str] = MappingProxyType({}), /, **flags: str
) -> settings.Settings:
    given = {name.replace("_", "-"): value for name, value in flags.items()}
    return settings.load(given, surroundings)


def test_without_any_word_it_is_one_machine() -> None:
    found = load(data="/srv/labpass")
    assert found.issuer == "https://127.0.0.1:8443"
    assert found.sealing_key == Path("/srv/labpass-key/key")
    assert found.sqlite_file == Path("/srv/labpass/labpass.db")
    assert isinstance(found.transport, settings.OwnCertificate)


def test_the_sealing_key_lies_outside_the_data_folder() -> None:
    found = load(data="/srv/labpass")
    assert found.data not in found.sealing_key.parents


def test_a_flag_wins_over_the_environment() -> None:
    surroundings = {"LABPASS_SERVER_ISSUER": "https://a.org", "LABPASS_SERVER_LISTEN": "[::1]:1"}
    found = load(surroundings, issuer="https://b.org")
    assert found.issuer == "https://b.org"
    assert found.listen == settings.Listen(host="::1", port=1)


def test_a_database_password_is_not_shown() -> None:
    found = load(database="postgresql://labpass:hunter2@db/labpass")
    assert "hunter2" not in repr(found)
    assert found.database.reveal() == "postgresql+psycopg://labpass:hunter2@db/labpass"
    assert found.sqlite_file is None


def test_an_ipv6_listener_makes_a_bracketed_issuer() -> None:
    assert load(listen="[::1]:8443").issuer == "https://[::1]:8443"


@pytest.mark.parametrize(
    ("flags", "field"),
    [
        ({"issuer": "http://labpass.example.org"}, "issuer"),
        ({"issuer": "labpass.example.org"}, "issuer"),
        ({"issuer": "https://user@labpass.example.org"}, "issuer"),
        ({"issuer": "https://labpass.example.org?x=1"}, "issuer"),
        ({"issuer": "https://labpass.example.org#x"}, "issuer"),
        ({"issuer": "https://labpass.example.org/path"}, "issuer"),
        ({"listen": "8443"}, "listen"),
        ({"listen": "127.0.0.1:0"}, "listen"),
        ({"listen": "127.0.0.1:65536"}, "listen"),
        ({"listen": "0.0.0.0:8443"}, "issuer"),
        ({"listen": "[::]:8443"}, "issuer"),
        ({"behind_proxy": "10.0.0.0/8"}, "issuer"),
        ({"behind_proxy": "10.0.0.1/8", "issuer": "https://a.org"}, "behind-proxy"),
        ({"behind_proxy": "10.0.0.0/8", "tls_cert": "x"}, "behind-proxy"),
        ({"tls_cert": "x"}, "tls-cert"),
        ({"tls_key": "x"}, "tls-cert"),
        ({"database": "mysql://x"}, "database"),
        ({"database": "labpass.db"}, "database"),
        ({"log_format": "xml"}, "log-format"),
        ({"terminal_password": "no"}, "terminal-password"),
        ({"remote_sign_in": "OFF"}, "remote-sign-in"),
    ],
)
def test_what_cannot_work_is_refused_by_the_flags_name(flags: dict[str, str], field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        load(**flags)
    assert refused.value.field == field


def test_several_proxies_may_be_named() -> None:
    found = load(behind_proxy="10.0.0.0/8, 192.0.2.1", issuer="https://a.org")
    assert isinstance(found.transport, settings.BehindProxy)
    assert [str(each) for each in found.transport.networks] == ["10.0.0.0/8", "192.0.2.1/32"]


def test_every_way_to_sign_in_is_there_unless_it_is_switched_off() -> None:
    assert load().policy == policy.EVERYTHING
    off = load(terminal_password="off", remote_sign_in="off").policy
    assert not off.takes_passwords_from_terminal
    assert not off.signs_in_remotely
    surroundings = {"LABPASS_SERVER_REMOTE_SIGN_IN": "off"}
    assert not settings.load({}, surroundings).policy.signs_in_remotely
