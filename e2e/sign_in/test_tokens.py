"""What the API server says to tokens that are not for it, not any more, or not ours."""

import base64
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import rsa

from labpass_server.signing.jwt import Signer

if TYPE_CHECKING:
    from e2e.conftest import World

pytestmark = pytest.mark.testbed
Ask = Callable[..., httpx2.Response]
TOKEN_CACHE_SECONDS = 10  # of the API server, for what it has once believed
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(world: "World", **more: Any) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": world.labpass.issuer,
        "sub": "forged",
        "aud": world.testbed.clusters[0].audience,
        "iat": now,
        "exp": now + 600,
        "auth_time": now,
        "jti": f"forged-{time.monotonic_ns()}",
        "preferred_username": "mallory",
        "groups": [],
        **more,
    }


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(found: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(found)}."


def signed_with_the_public_key(found: dict[str, Any], world: "World") -> str:
    head = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(found)}"
    mac = hmac.HMAC(world.labpass.ca.read_bytes(), hashes.SHA256())
    mac.update(head.encode())
    return f"{head}.{base64.urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"


def kid(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def test_the_control_is_believed(world: "World", signer: Signer, ask_who: Ask) -> None:
    answer = ask_who(world.testbed.clusters[0], signer.sign(claims(world)))
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"]["userInfo"]["username"] == "labpass:mallory"


NOW = int(time.time())
ATTACKS: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 1, "iat": NOW - 901},
    "expired an hour ago": {"exp": NOW - 3600},
    "not yet": {"nbf": NOW + 3600},
    "another audience": {"aud": "labpass-other-00000000"},
    "our own client's audience": {"aud": "labpass"},
    "another issuer": {"iss": "https://127.0.0.1:1"},
    "the issuer with a slash": {"iss": "/"},
    "no audience": {"aud": []},
    "a name with a prefix": {"preferred_username": "labpass:alice"},
    "a name of Kubernetes": {"preferred_username": "system:admin"},
    "no name": {"preferred_username": ""},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_wrong_token_gets_401_even_with_our_signature(
    world: "World", signer: Signer, ask_who: Ask, attack: str
) -> None:
    changed = dict(ATTACKS[attack])
    if changed.get("iss") == "/":
        changed["iss"] = f"{world.labpass.issuer}/"
    answer = ask_who(world.testbed.clusters[0], signer.sign(claims(world, **changed)))
    assert answer.status_code == 401, answer.text


def test_a_group_of_kubernetes_carries_our_prefix_and_so_is_nobodys(
    world: "World", signer: Signer, ask_who: Ask
) -> None:
    token = signer.sign(claims(world, groups=["system:masters", "cluster-admins"]))
    told = ask_who(world.testbed.clusters[0], token).json()["status"]["userInfo"]["groups"]
    assert set(told) == {
        "labpass:system:masters",
        "labpass:cluster-admins",
        "system:authenticated",
    }


def test_a_forged_signature_gets_401(world: "World", signer: Signer, ask_who: Ask) -> None:
    cluster = world.testbed.clusters[0]
    good = signer.sign(claims(world)).rpartition(".")
    forged = {
        "none": unsigned(claims(world)),
        "HMAC": signed_with_the_public_key(claims(world), world),
        "another key": Signer("forged", OTHER).sign(claims(world)),
        "another key under our key's name": Signer(kid(good[0]), OTHER).sign(claims(world)),
        "another's signature": f"{good[0]}.{signer.sign(claims(world)).rpartition('.')[2]}",
        "cut": good[0] + ".",
    }
    told = {name: ask_who(cluster, token).status_code for name, token in forged.items()}
    assert set(told.values()) == {401}, told


@pytest.mark.slow
def test_a_token_ends_when_it_says(world: "World", signer: Signer, ask_who: Ask) -> None:
    cluster = world.testbed.clusters[0]
    ends = int(time.time()) + 2
    token = signer.sign(claims(world, exp=ends))
    assert ask_who(cluster, token).status_code == 201
    while ask_who(cluster, token).status_code == 201:
        assert time.time() < ends + TOKEN_CACHE_SECONDS + 2, "it lives on"
        time.sleep(0.05)
    assert time.time() >= ends - 1


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_five_minutes_off_between_authority_and_cluster_does_no_harm(
    world: "World", signer: Signer, ask_who: Ask, minutes: int
) -> None:
    made = int(time.time()) + minutes * 60
    token = signer.sign(claims(world, iat=made, exp=made + 900, auth_time=made))
    assert ask_who(world.testbed.clusters[0], token).status_code == 201


def test_a_token_of_one_cluster_is_nothing_at_another(wide_world: "World", ask_who: Ask) -> None:
    desk = wide_world.person("alice").sign_in()
    first, second = wide_world.testbed.clusters
    for at, away in ((first, second), (second, first)):
        token = desk.ask("labpass", "auth", "token", "--audience", str(at.audience)).out.strip()
        assert ask_who(at, token).status_code == 201
        refused = ask_who(away, token)
        assert refused.status_code == 401
        assert refused.json()["message"] == "Unauthorized"


def test_one_kubeconfig_reaches_both_clusters(wide_world: "World") -> None:
    desk = wide_world.person("alice").sign_in()
    names = desk.ask("kubectl", "config", "get-contexts", "-o", "name").out.split()
    assert len(names) == len(wide_world.testbed.clusters)
    for name in names:
        assert desk.ask("kubectl", "--context", name, "get", "jobs").code == 0


def test_labpass_own_tokens_are_nothing_to_a_cluster(world: "World", ask_who: Ask) -> None:
    desk = world.person("alice").sign_in()
    cluster = world.testbed.clusters[0]
    token = desk.ask("labpass", "auth", "token").out.strip()
    assert ask_who(cluster, token).status_code == 401
