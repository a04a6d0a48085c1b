"""The credential plugin with a cached token, whole process, beside kubelogin and a bare Python.

What it imports and starts is counted in the client's own tests: that does not depend on a machine.
"""

import sys
from pathlib import Path

from bench import whole
from bench.authority import BIN, HANDLE, PASSWORD, Labpass
from bench.peers import CLIENT, SECRET, Dex
from bench.peers import PASSWORD as DEX_PASSWORD
from bench.table import Row
from bench.whole import Program, Spread

from labpass.session import keys
from testbed.desk import Desk
from testbed.programs import find

FRONT, BEHIND, KUBELOGIN, BARE = "sh front", "Python behind it", "kubelogin", "bare Python"
ROUNDS = 60
MOST_OF_KUBELOGIN = 0.6
MOST_OF_PYTHON = 1.3


def measure(root: Path, labpass: Labpass, dex: Dex | None) -> dict[str, Spread]:
    """Time each way with a token that lies ready."""
    home = root / "plugin"
    arguments = _signed_in(home, labpass)
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    ours = (
        Program(
            name=FRONT,
            command=(str(BIN / "labpass-credential"), *arguments),
            environment=environment,
        ),
        Program(
            name=BEHIND,
            command=(str(BIN / "labpass-credential-py"), *arguments),
            environment=environment,
        ),
        Program(
            name=BARE,
            command=(sys.executable, "-I", "-S", "-c", "pass"),
            environment=environment,
        ),
    )
    peers = () if dex is None else (_kubelogin(home, dex),)
    return whole.times((*ours, *peers), rounds=ROUNDS)


def rows(spreads: dict[str, Spread]) -> list[Row]:
    """Return the front beside kubelogin, and the Python way beside a bare Python."""
    front, behind, bare = spreads[FRONT], spreads[BEHIND], spreads[BARE]
    kubelogin = spreads.get(KUBELOGIN)
    ratio = front.p50 / kubelogin.p50 if kubelogin else None
    return [
        Row(
            what="plugin, cached token, whole process (sh front)",
            ours=_spell(front),
            peer=f"kubelogin v1.36.3 get-token: {_spell(kubelogin)}" if kubelogin else "",
            ratio=ratio,
            aim=f"<= {MOST_OF_KUBELOGIN}x",
            is_met=None if ratio is None else ratio <= MOST_OF_KUBELOGIN,
        ),
        Row(
            what="the same where there is no sh",
            ours=_spell(behind),
            peer=f"python -I -S -c pass: {_spell(bare)}",
            ratio=behind.p50 / bare.p50,
            aim=f"<= {MOST_OF_PYTHON}x",
            is_met=behind.p50 / bare.p50 <= MOST_OF_PYTHON,
        ),
    ]


def _signed_in(home: Path, labpass: Labpass) -> tuple[str, ...]:
    """Sign in below a default home, let the plugin fetch a token once, return its arguments."""
    desk = Desk(home=home, programs=()).sit()
    audience = labpass.audiences["RS256"]
    key = keys.for_credential(issuer=labpass.issuer, audience=audience, profile="default")
    login = ("env", "-u", "LABPASS_HOME", "labpass", "login", "--server", labpass.address)
    desk.ask(*login, "--password-stdin", "-u", HANDLE, stdin=f"{PASSWORD}\n")
    arguments = ("v1", str(key), labpass.issuer, audience, "default")
    desk.ask("env", "-u", "LABPASS_HOME", "labpass-credential", *arguments)
    return arguments


def _kubelogin(home: Path, dex: Dex) -> Program:
    """Let kubelogin fetch a token once; with it cached it asks nobody."""
    command = (
        str(find.peer("kubelogin")),
        "get-token",
        f"--oidc-issuer-url={dex.issuer}",
        f"--oidc-client-id={CLIENT}",
        f"--oidc-client-secret={SECRET}",
        f"--certificate-authority={dex.ca}",
        "--grant-type=password",
        "--username=p0@example.org",
        f"--password={DEX_PASSWORD}",
        f"--token-cache-dir={home / 'kubelogin'}",
    )
    Desk(home=home, programs=()).ask(*command)
    return Program(
        name=KUBELOGIN,
        command=command,
        environment={"HOME": str(home), "PATH": "/usr/bin:/bin"},
    )


def _spell(spread: Spread) -> str:
    return f"{spread.p50:.1f} ms (p90 {spread.p90:.1f})"
