"""A sign-in in the middle of a kubectl call: where somebody watches, once, not again soon."""

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pexpect
import pytest

from labpass.session import keys

pytestmark = pytest.mark.slow
CLUSTER = "labpass-lab-a-12345678"
BIN = Path(sys.executable).parent
INTERACTIVE = json.dumps(
    {"apiVersion": "client.authentication.k8s.io/v1", "spec": {"interactive": True}}
)
NOT_SIGNED_IN = 5


@pytest.fixture
def dead(alice: Any, authority: Any) -> Any:
    """alice, whose session the server has ended."""
    authority.refresh_tokens.clear()
    authority.access_tokens.clear()
    return alice


def start(person: Any, authority: Any, **environment: str) -> Any:
    key = keys.for_credential(issuer=authority.issuer, audience=CLUSTER, profile="default")
    return pexpect.spawn(
        str(BIN / "labpass-credential"),
        ["v1", key, authority.issuer, CLUSTER, "default"],
        env={
            **person.environment,
            "KUBERNETES_EXEC_INFO": INTERACTIVE,
            "DISPLAY": ":0",
            "BROWSER": "true",
            **environment,
        },
        encoding="utf-8",
        timeout=20,
        dimensions=(40, 400),
    )


def finish(child: Any) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def come_back(child: Any, authority: Any, **changes: str) -> None:
    child.expect(r"(https://127\.0\.0\.1:\d+/authorize\?\S+)")
    query = urllib.parse.urlsplit(child.match[1]).query
    asked = {k: v[0] for k, v in urllib.parse.parse_qs(query).items()}
    authority.codes["c0de"] = {**asked, "person": "alice"}
    answer = {"code": "c0de", "state": asked["state"], "iss": authority.issuer, **changes}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"{asked['redirect_uri']}?{urllib.parse.urlencode(answer)}", timeout=5).close()


def test_signs_in_and_answers_kubectl(dead: Any, authority: Any) -> None:
    child = start(dead, authority)
    child.expect("session for alice")
    come_back(child, authority)
    child.expect('"kind":"ExecCredential"')
    assert finish(child) == 0


def test_a_second_call_waits_for_the_first_ones_sign_in(dead: Any, authority: Any) -> None:
    first = start(dead, authority)
    first.expect("paste the address")
    second = start(dead, authority)
    second.expect("Waiting for the sign-in")
    first.sendintr()
    first.expect("verification code: ")
    first.sendline("WQ7K-3MPX")
    first.expect('"kind":"ExecCredential"')
    second.expect('"kind":"ExecCredential"')
    assert (finish(first), finish(second)) == (0, 0)
    assert authority.count("authorization_code") == 2  # the first was before the session ended


def test_after_a_failure_no_browser_for_a_while(dead: Any, authority: Any) -> None:
    child = start(dead, authority)
    come_back(child, authority, error="access_denied")
    assert finish(child) == 6
    again = start(dead, authority)
    assert finish(again) == NOT_SIGNED_IN
    assert "authorize" not in again.before
    done = dead.run(
        "labpass", "login", "--password-stdin", "-u", "alice", stdin="correct horse battery\n"
    )
    assert done.returncode == 0, done.stderr
    assert finish(start(dead, authority)) == 0


@pytest.mark.parametrize(
    "environment",
    [{"CI": "true"}, {"LABPASS_LOGIN_ON_DEMAND": "0"}, {"KUBERNETES_EXEC_INFO": "{}"}],
)
def test_nobody_watching_means_no_browser(
    dead: Any, authority: Any, environment: dict[str, str]
) -> None:
    child = start(dead, authority, **environment)
    assert finish(child) == NOT_SIGNED_IN
    assert "authorize" not in child.before


def test_an_outage_opens_no_browser(alice: Any, authority: Any) -> None:
    authority.access_tokens.clear()
    authority.break_with = lambda handler: handler.send(503, b"{}") or True
    child = start(alice, authority)
    assert finish(child) == 4
    assert "authorize" not in child.before
    authority.break_with = None


def test_a_programs_pipe_gets_the_document_alone(alice: Any, authority: Any) -> None:
    key = keys.for_credential(issuer=authority.issuer, audience=CLUSTER, profile="default")
    done = subprocess.run(
        [BIN / "labpass-credential", "v1", key, authority.issuer, CLUSTER, "default"],
        env=alice.environment,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["kind"] == "ExecCredential"
    assert done.stderr == b""
