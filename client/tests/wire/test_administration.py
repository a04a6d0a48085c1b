"""The administrator's commands, whole, against the real labpass-server in a process of its own."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
PASSWORD = "correct horse battery staple 9"
pytestmark = pytest.mark.slow


@dataclass
class Office:
    """A server, and a desk where somebody is signed in to it."""

    address: str
    folder: Path

    def labpass(
        self, *words: str, who: str = "chief", stdin: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LABPASS_HOME": str(self.folder / who),
        }
        return subprocess.run(
            [str(BIN / "labpass"), *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env=environment,
            check=False,
        )

    def do(self, *words: str, who: str = "chief", stdin: str = "") -> str:
        done = self.labpass(*words, who=who, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *words: str, who: str = "chief") -> Any:
        return json.loads(self.do(*words, "-o", "json", who=who))

    def sign_in(self, who: str, password: str, *more: str) -> None:
        words = ("login", "--server", self.address, "-u", who, "--password", "--password-stdin")
        self.do(*words, who=who, stdin="\n".join([password, *more]) + "\n")


def free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


def is_ready(url: str, ca: Path) -> bool:
    if not ca.exists():
        return False
    context = ssl.create_default_context(cafile=str(ca))
    try:
        with urllib.request.urlopen(f"{url}/readyz", context=context, timeout=5) as answer:  # noqa: S310 -- https, our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    url = f"https://127.0.0.1:{free_port()}"
    data = folder / "data"
    words = [
        "serve",
        "--data",
        str(data),
        "--issuer",
        url,
        "--listen",
        url.removeprefix("https://"),
    ]
    said = folder / "said"
    with (
        said.open("w") as out,
        subprocess.Popen([str(BIN / "labpass-server"), *words], stdout=out, stderr=out) as server,
    ):
        end = time.monotonic() + 60
        while not is_ready(url, data / "ca.pem"):
            assert server.poll() is None, said.read_text()
            assert time.monotonic() < end, said.read_text()
            time.sleep(0.05)
        address = re.search(r"https://\S+#sha256:[0-9a-f]{64}", said.read_text())
        assert address
        made = Office(address=address[0], folder=folder)
        admin = [str(BIN / "labpass-server"), "admin", "create", "chief", "--password-stdin"]
        subprocess.run(
            [*admin, "--data", str(data)], input=PASSWORD + "\n", text=True, check=True, timeout=60
        )
        made.sign_in("chief", PASSWORD)
        yield made
        server.terminate()
        server.wait(30)


def test_a_cluster_is_recorded_shown_bundled_and_forgotten(office: Office, tmp_path: Path) -> None:
    added = office.ask("cluster", "add", "north")
    assert re.fullmatch(r"labpass-north-[a-z0-9]{8}", added["audience"])
    assert office.ask("cluster", "show", "north") == added
    assert "cluster/north\n" in office.do("cluster", "list", "-o", "name")
    assert office.labpass("cluster", "add", "north").returncode == 8

    file = tmp_path / "bundle.json"
    office.do("cluster", "bundle", "north", "-f", str(file), "--minutes", "10")
    bundle = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert bundle["trust"]["audiences"] == [added["audience"]]
    assert bundle["canary"]["username"] == "labpass:canary"
    assert json.loads(office.do("cluster", "bundle", "north"))["cluster"] == "north"
    shown = office.do(
        "trust", "show", "--bundle", str(file), "--server-version", "v1.36.3"
    )  # read on a machine that is signed in nowhere
    assert added["audience"] in shown
    assert office.labpass("cluster", "upgrade", "north", "--yes").returncode == 2

    assert office.labpass("cluster", "remove", "north").returncode == 130
    office.do("cluster", "remove", "north", "--yes")
    assert office.labpass("cluster", "show", "north").returncode == 7


def test_a_person_gets_a_temporary_password_once_and_is_disabled_and_enabled(
    office: Office,
) -> None:
    made = office.ask("person", "create", "tess", "--name", "Tess T.", "--email", "t@example.org")
    assert made["temporary_password"]
    shown = office.ask("person", "show", "tess")
    assert shown == {k: v for k, v in made.items() if k != "temporary_password"}
    office.sign_in("tess", made["temporary_password"], "another long password 7")
    assert office.ask("whoami", who="tess")["handle"] == "tess"

    assert office.ask("person", "disable", "tess", "--yes")["disabled"]
    refused = office.labpass(
        "login", "--server", office.address, "-u", "tess", "--password", "--password-stdin",
        who="tess2", stdin="another long password 7\n",
    )  # fmt: skip
    assert refused.returncode != 0
    assert not office.ask("person", "enable", "tess")["disabled"]
    reset = office.ask("person", "reset-password", "tess", "--yes")
    assert reset["temporary_password"] != made["temporary_password"]
    text = office.do("person", "list")
    assert text.splitlines()[0].split() == ["HANDLE", "NAME", "STATE"]


def test_a_password_that_stays_comes_from_stdin_alone(office: Office) -> None:
    office.do(
        "person", "create", "uma", "--password-stdin", "--permanent", stdin="a very long one 5\n"
    )
    office.sign_in("uma", "a very long one 5")
    assert office.labpass("person", "create", "vic", "--permanent").returncode == 2
    assert office.labpass("person", "create", "vic", "--password-stdin").returncode == 2
    assert office.labpass("person", "create", "Not A Handle").returncode == 2
    assert office.labpass("person", "create", "uma").returncode == 8


def test_a_project_is_made_changed_and_deleted(office: Office) -> None:
    office.do("cluster", "add", "west")
    made = office.ask("project", "create", "vision", "--cluster", "west")
    assert made["namespaces"] == [
        {"cluster": "west", "namespace": "labpass-vision", "state": "pending"}
    ]
    assert office.ask("project", "edit", "vision", "--hidden")["hidden"]
    assert not office.ask("project", "edit", "vision", "--visible")["hidden"]
    assert office.labpass("project", "edit", "vision").returncode == 2
    listed = office.ask("project", "list", "--all")["items"]
    assert "vision" in [one["name"] for one in listed]
    gone = office.labpass("project", "delete", "vision", "--yes")
    assert "stays: namespace labpass-vision on west" in gone.stderr
    assert office.labpass("project", "show", "vision").returncode == 7


def test_a_rule_shows_what_it_would_do_before_it_is_saved(office: Office) -> None:
    office.do("cluster", "add", "east")
    office.do("project", "create", "speech", "--cluster", "east")
    office.do(
        "person", "create", "rosa", "--password-stdin", "--permanent", stdin="a very long one 77\n"
    )
    office.sign_in("rosa", "a very long one 77")
    alone = office.labpass("project", "list", who="rosa")
    assert (alone.returncode, alone.stdout) == (0, "")
    assert "no access to any project yet" in alone.stderr

    words = ("rule", "create", "rosa", "--role", "researcher", "-p", "speech", "--until", "30d")
    planned = office.ask(*words, "--dry-run")
    assert {"view", "submit"} <= {one["permission_set"] for one in planned["gains"]}
    assert planned["people"][0]["role_after"] == "researcher"
    assert office.ask("rule", "list", "--person", "rosa")["items"] == []
    asked = office.labpass(*words)
    assert asked.returncode == 130
    gained = "rosa gains researcher in speech on east: view, submit, interact, data"
    assert gained in asked.stderr
    rule = office.ask(*words, "--reason", "thesis", "--yes")
    assert (rule["project"], rule["reason"]) == ("speech", "thesis")

    mine = office.do("project", "list", who="rosa")
    assert "labpass submit NAME -p speech -i IMAGE" in mine
    edited = office.ask("rule", "edit", rule["id"], "--role", "viewer", "--no-end", "--yes")
    assert (edited["role"], edited["ends_at"]) == ("viewer", None)
    assert office.ask("rule", "show", rule["id"])["role"] == "viewer"
    lost = office.ask("rule", "delete", rule["id"], "--dry-run")
    assert {one["permission_set"] for one in lost["loses"]} == {"view"}
    office.do("rule", "delete", rule["id"], "--yes")
    assert office.labpass("rule", "show", rule["id"]).returncode == 7


@pytest.mark.parametrize(
    "words",
    [
        ("rule", "create", "chief", "--role", "viewer"),
        ("rule", "create", "chief", "--role", "viewer", "-p", "x", "--organisation"),
        ("rule", "edit", "some"),
        ("rule", "edit", "some", "--until", "1d", "--no-end"),
        ("rule", "create", "chief", "--role", "viewer", "--organisation", "--until", "soon"),
    ],
)
def test_a_call_that_does_not_say_enough_is_wrong(office: Office, words: tuple[str, ...]) -> None:
    assert office.labpass(*words).returncode == 2


def test_a_program_s_secret_is_shown_once(office: Office) -> None:
    uri = "https://grafana.example/login/generic_oauth"
    made = office.ask("client", "create", "grafana", "--redirect-uri", uri)
    assert made["client_secret"]
    (listed,) = [
        one
        for one in office.ask("client", "list")["items"]
        if one["client_id"] == made["client_id"]
    ]
    assert listed == {k: v for k, v in made.items() if k != "client_secret"}
    public = office.ask("client", "create", "tool", "--type", "public", "--redirect-uri", uri)
    assert "client_secret" not in public
    named = office.labpass("client", "create", "x", "--redirect-uri", uri, "-o", "name")
    assert named.stdout.startswith("client/")
    assert "Secret: " in named.stderr
    office.do("client", "delete", made["client_id"], "--yes")
    assert office.labpass("client", "delete", made["client_id"], "--yes").returncode == 7


def test_a_researcher_is_refused_the_administrator_s_commands(office: Office) -> None:
    office.do(
        "person", "create", "nora", "--password-stdin", "--permanent", stdin="a very long one 88\n"
    )
    office.sign_in("nora", "a very long one 88")
    for words in (
        ("cluster", "add", "mine"),
        ("person", "create", "mallory"),
        ("person", "list"),
        ("project", "create", "mine"),
        ("rule", "create", "nora", "--role", "viewer", "--organisation", "--yes"),
        ("client", "create", "x", "--redirect-uri", "https://a.example/x"),
    ):
        refused = office.labpass(*words, who="nora")
        assert refused.returncode == 6, (words, refused.stderr)


def test_without_a_sign_in_the_next_command_is_named(office: Office) -> None:
    refused = office.labpass("project", "list", who="nobody")
    assert refused.returncode == 5
    assert "labpass login" in refused.stderr
