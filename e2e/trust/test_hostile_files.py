"""What would kill an API server at its start is refused by us first, judged by a real one.

Sound configurations are mutated; each goes to our check and to the real kube-apiserver, which loads
it at start and says what is wrong with it. None that we let through may be refused. An entry that
is wrong for certain is added behind, so that the program ends at once in either case: a sound rest
is one where only that entry is complained about. ``LABPASS_MATRIX=500`` takes 500 of them.
"""

import copy
import os
import random
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from labpass.trust import checks, structured, text
from labpass.trust.config import TrustConfig
from labpass.trust.findings import refusals
from labpass.trust.version import Version
from testbed.programs import Programs

pytestmark = [pytest.mark.testbed, pytest.mark.slow]
SAMPLE = int(os.environ.get("LABPASS_MATRIX", "40"))
VERSION = Version.parse("1.36.3")
SERVICE_ACCOUNTS = "https://kubernetes.default.svc.cluster.local"
VALUES: tuple[Any, ...] = (
    None, "", 0, 7, True, [], {}, "x", ["x"], {"x": "y"}, "http://a.example", "https://a.example",
    "https://a.example/", "https://a.example?x", "https://u@a.example", "https://",
    SERVICE_ACCOUNTS,
    "system:", "labpass:", "-", ["a", "a"], ["a", "b"], [""], "MatchAny", "cluster",
    "user.username",
    "!user.username.startsWith('system:')", "claims.sub +", "ä\u202e",
    "-----BEGIN CERTIFICATE-----",
    [{"path": "/livez"}], [{"path": "livez"}], {"claim": "sub"}, {"claim": "sub", "prefix": ""},
    {"expression": "claims.sub"}, [{"claim": "a", "requiredValue": "b"}], [{"claim": "a"}],
    [{"expression": "true"}], "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1",
)  # fmt: skip
FIELDS = (
    "jwt", "anonymous", "surprise", "URL", "url", "discoveryURL", "audiences",
    "audienceMatchPolicy",
    "certificateAuthority", "egressSelectorType", "claimValidationRules", "userValidationRules",
    "claimMappings", "username", "groups", "uid", "extra", "claim", "prefix", "expression",
    "message",
    "requiredValue", "enabled", "conditions",
)  # fmt: skip
SENTINEL = {
    "issuer": {"url": "https://sentinel.example", "audiences": ["sentinel"]},
    "claimMappings": {"username": {"claim": "sub"}},
}


def sound(authority: str) -> list[dict[str, Any]]:
    plain = TrustConfig(issuer="https://labpass.example.org", audiences=("labpass-a-1",))
    private = TrustConfig(
        issuer="https://labpass.example.org/x",
        certificate_authority=authority,
        audiences=("labpass-a-1", "labpass-a-2"),
        required_claims=(("hd", "example.org"),),
    )
    anonymous: dict[str, Any] = {"enabled": True, "conditions": [{"path": "/livez"}]}
    company = {
        "issuer": {"url": "https://company.example", "audiences": ["kubernetes"]},
        "claimMappings": {"username": {"claim": "email", "prefix": "company:"}},
    }
    return [
        structured.merge(None, plain, VERSION),
        structured.merge({"anonymous": anonymous, "jwt": [company]}, private, VERSION),
    ]


def mutated(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Change one to three things: take one away, put another there, add a field, double an item."""
    made: dict[str, Any] = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        place = chance.choice(list(folders(made)))
        if isinstance(place, list):
            if place and chance.random() < 0.5:
                place[chance.randrange(len(place))] = copy.deepcopy(chance.choice(VALUES))
            else:
                place.append(copy.deepcopy(chance.choice((*place, *VALUES))))
        elif place and chance.random() < 0.3:
            del place[chance.choice(list(place))]
        elif place and chance.random() < 0.6:
            place[chance.choice(list(place))] = copy.deepcopy(chance.choice(VALUES))
        else:
            place[chance.choice(FIELDS)] = copy.deepcopy(chance.choice(VALUES))
    return made


def folders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for held in value.values() if isinstance(value, dict) else value:
            yield from folders(held)


class Judge:
    """The real kube-apiserver, asked what it thinks of a file at its start."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        (folder / "sa.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def says(self, rendered: str, name: str) -> str:
        """Return what it says when it ends."""
        path = self._folder / f"{name}.yaml"
        path.write_text(rendered)
        key = self._folder / "sa.key"
        command = [
            str(self._program),
            f"--authentication-config={path}",
            f"--service-account-issuer={SERVICE_ACCOUNTS}",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            f"--cert-dir={self._folder / name}",
            "--bind-address=127.0.0.1",
            f"--secure-port={free_port()}",
            "--etcd-servers=http://127.0.0.1:1",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24",
        ]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        found = re.search(r'"command failed" err=(?:"(.*)"|<\n(.*)\n >)', ended.stderr, re.DOTALL)
        assert found, f"{rendered}\n{ended.stderr[-2000:]}"
        said = found[1] or found[2]
        assert "authentication config" in said, said
        return said


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


def test_nothing_that_we_let_through_is_refused_by_the_real_api_server(
    programs: Programs, authority_pem: str, tmp_path: Path
) -> None:
    bases = sound(authority_pem)
    chance = random.Random(20261123)  # noqa: S311 -- the same files each time
    judge = Judge(programs.path("kube-apiserver"), tmp_path)
    context = checks.Context(version=VERSION, service_account_issuers=(SERVICE_ACCOUNTS,))
    cases = [*bases, *(mutated(chance.choice(bases), chance) for _ in range(SAMPLE))]

    def outcome(number: int) -> tuple[bool, bool, str]:
        document = cases[number]
        ours = bool(refusals(checks.check(document, context)))
        said = judge.says(*with_sentinel(document, number))
        return ours, is_refused(said, document), said

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(outcome, range(len(cases))))
    counted = Counter((ours, theirs) for ours, theirs, _ in outcomes)
    print(  # noqa: T201 -- the table people want to see
        f"{len(cases)} files: both refuse {counted[True, True]}, both take {counted[False, False]},"
        f" we refuse and it would take {counted[True, False]},"
        f" we take and it refuses {counted[False, True]}"
    )
    wrong = [
        (cases[number], said)
        for number, (ours, theirs, said) in enumerate(outcomes)
        if theirs and not ours
    ]
    assert not wrong
    assert not outcomes[0][0]
    assert not outcomes[1][0]
    assert counted[True, True] > SAMPLE / 4


def with_sentinel(document: dict[str, Any], number: int) -> tuple[str, str]:
    """Add the entry that is always wrong, where entries can be added."""
    items = document.get("jwt")
    if isinstance(items, list):
        document = {**document, "jwt": [*items, SENTINEL]}
    elif "jwt" not in document or items is None:
        document = {**document, "jwt": [SENTINEL]}
    return text.render(document), f"case-{number}"


def is_refused(said: str, document: dict[str, Any]) -> bool:
    """Whether anything but the sentinel is complained about."""
    items = document.get("jwt")
    place = len(items) if isinstance(items, list) else 0
    complaint = (
        f"jwt[{place}].claimMappings.username.prefix: Required value: prefix is required when claim"
        " is set. It can be set to an empty string to disable prefixing"
    )
    return said != f"invalid authentication configuration: {complaint}"
