from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from labpass_server.model import claims, errors, handle, person
from labpass_server.model.authorization import Scope

NOW = datetime(2026, 11, 2, 9, 0, 0, 999_999, tzinfo=UTC)
FRAME = claims.Frame(
    issuer="https://labpass.example.org",
    audience="labpass-alpha-k3j2h5g4",
    id="jti",
    issued_at=NOW,
    lifetime=timedelta(minutes=15),
    authenticated_at=NOW - timedelta(hours=1),
)
ALICE = person.Person(
    id=person.PersonId("opaque"),
    handle=handle.Handle("alice"),
    display_name="Alice Moreau",
    email="alice@example.org",
    is_disabled=False,
    password_is_temporary=False,
    created_at=NOW,
)


def test_a_cluster_learns_a_name_and_groups_and_nothing_else() -> None:
    said = claims.for_cluster(FRAME, ALICE, ["b", "a", "b"])
    assert said == {
        "iss": "https://labpass.example.org",
        "sub": "opaque",
        "aud": "labpass-alpha-k3j2h5g4",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 900,
        "auth_time": int(NOW.timestamp()) - 3600,
        "jti": "jti",
        "preferred_username": "alice",
        "groups": ["a", "b"],
    }


@pytest.mark.parametrize(
    "name", ["system:admin", "system.x", "kubeadm:x", "kubernetes-admin", "canary", "sa.ci"]
)
def test_a_reserved_name_is_never_issued(name: str) -> None:
    with pytest.raises(errors.Invalid):
        claims.for_cluster(FRAME, replace(ALICE, handle=handle.Handle(name)))


@pytest.mark.parametrize(
    "group", ["system:masters", "system:authenticated", "kubeadm:cluster-admins", "canary"]
)
def test_a_reserved_group_is_never_issued(group: str) -> None:
    with pytest.raises(errors.Invalid):
        claims.for_cluster(FRAME, ALICE, ["good", group])


def test_only_a_canary_is_called_canary() -> None:
    said = claims.for_canary(FRAME)
    assert said["preferred_username"] == said["sub"] == "canary"
    assert said["groups"] == ["canary"]


def test_a_client_learns_what_the_scope_lets_it() -> None:
    bare = claims.for_client(FRAME, ALICE, [Scope.OPENID])
    assert "preferred_username" not in bare
    assert "email" not in bare
    full = claims.for_client(FRAME, ALICE, list(Scope))
    assert full["preferred_username"] == "alice"
    assert full["name"] == "Alice Moreau"
    assert full["email"] == "alice@example.org"


def test_a_nonce_is_given_back() -> None:
    assert claims.for_client(replace(FRAME, nonce="n"), ALICE, [])["nonce"] == "n"
    assert "nonce" not in claims.for_client(FRAME, ALICE, [])
