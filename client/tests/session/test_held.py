from datetime import UTC, datetime, timedelta
from pathlib import Path

from labpass.secret import Secret
from labpass.session import credentials, held, keys
from labpass.session.credentials import Credential
from labpass.session.folders import Folders

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ISSUER = "https://login.example"


def cache(where: Folders, profile: str, audience: str) -> keys.CredentialKey:
    key = keys.for_credential(issuer=ISSUER, audience=audience, profile=profile)
    held.note(where, key, issuer=ISSUER, profile=profile)
    token = Credential(token=Secret("t"), expires_at=NOW + timedelta(minutes=14))
    credentials.save(where, key, token)
    return key


def test_ending_one_sign_in_leaves_the_tokens_of_others(tmp_path: Path) -> None:
    where = Folders(config=tmp_path, state=tmp_path)
    mine = [cache(where, "default", audience) for audience in ("a", "b", "a")]
    other = cache(where, "work", "a")
    held.forget(where, issuer=ISSUER, profile="default")
    assert [credentials.find(where, key) for key in mine] == [None] * 3
    assert credentials.find(where, other) is not None
    assert len(list(where.credentials.iterdir())) == len(credentials.Version)


def test_a_list_that_names_paths_deletes_nothing_elsewhere(tmp_path: Path) -> None:
    where = Folders(config=tmp_path, state=tmp_path)
    cache(where, "default", "a")
    (victim := tmp_path / "x.v1.cred").write_text("1\n{}\n")
    (listed,) = where.sessions.glob("*.tokens")
    listed.write_text("../x\n")
    held.forget(where, issuer=ISSUER, profile="default")
    assert victim.exists()
