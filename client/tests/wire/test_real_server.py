"""The command line against the real `labpass-server`: ways in, tokens, the end of a session."""

import base64
import html
import http.cookiejar
import json
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pexpect
import pytest

ADMIN = "correct horse battery staple"
OWN = "an apple a day keeps nobody away"
pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running labpass-server; the address with its fingerprint."""
    folder = tmp_path_factory.mktemp("server")
    data = folder / "data"
    said = folder / "said"
    with said.open("w") as out:
        running = subprocess.Popen(
            [
                BIN / "labpass-server",
                "serve",
                "--data",
                data,
                "--listen",
                f"127.0.0.1:{free_port()}",
            ],
            stdout=out,
            stderr=out,
        )
    deadline = time.monotonic() + 60
    while not (found := re.search(r"https://127\S+#sha256:[0-9a-f]{64}", said.read_text())):
        assert running.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.05)
    subprocess.run(
        [BIN / "labpass-server", "admin", "create", "root1", "--password-stdin", "--data", data],
        input=f"{ADMIN}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    yield found[0]
    running.terminate()
    running.wait(timeout=30)


@pytest.fixture
def admin(server: str, tmp_path: Path) -> Any:
    """The administrator, signed in, as a function that runs a command and returns its JSON."""
    environment = {"HOME": str(tmp_path), "LABPASS_HOME": str(tmp_path / "admin"), "PATH": "/bin"}

    def run(*arguments: str, stdin: str = "") -> Any:
        done = subprocess.run(
            [BIN / "labpass", *arguments],
            input=stdin,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "json" in arguments else done.stdout

    run("login", "--server", server, "-u", "root1", "--password-stdin", stdin=f"{ADMIN}\n")
    return run


@pytest.fixture
def newcomer(admin: Any) -> tuple[str, str]:
    """A person with a temporary password."""
    handle = f"alice{time.monotonic_ns()}"
    return handle, admin("person", "create", handle, "-o", "json")["temporary_password"]


@pytest.fixture
def member(admin: Any, newcomer: tuple[str, str], server: str, person: Any) -> tuple[Any, str]:
    """The newcomer, signed in, researcher of a project on a cluster; and its audience."""
    handle, temporary = newcomer
    name = f"lab{time.monotonic_ns()}"
    cluster = admin("cluster", "add", name, "--server", "https://127.0.0.1:1", "-o", "json")
    admin("project", "create", name, "--cluster", name)
    admin("rule", "create", handle, "--role", "researcher", "-p", name, "--yes")
    login = ("labpass", "login", "--server", server, "-u", handle, "--password-stdin")
    done = person.run(*login, stdin=f"{temporary}\n{OWN}\n")
    assert done.returncode == 0, done.stderr
    return person, cluster["audience"]


def claims(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_temporary_password_must_be_changed_and_then_is_gone(
    newcomer: tuple[str, str], server: str, person: Any
) -> None:
    handle, temporary = newcomer
    login = ("labpass", "login", "--server", server, "-u", handle, "--password-stdin")
    done = person.run(*login, stdin=f"{temporary}\n")
    assert (done.returncode, "temporary" in done.stderr) == (5, True)
    done = person.run(*login, stdin=f"{temporary}\nshort\n")
    assert done.returncode == 5, done.stderr
    assert person.run(*login, stdin=f"{temporary}\n{OWN}\n").returncode == 0
    assert person.run(*login, stdin=f"{OWN}\n").returncode == 0
    done = person.run(*login, stdin=f"{temporary}\n")
    assert "wrong" in done.stderr


def test_a_cluster_token_names_the_person_and_the_cluster_alone(member: tuple[Any, str]) -> None:
    person, audience = member
    done = person.run("labpass", "auth", "token", "--audience", audience)
    assert done.returncode == 0, done.stderr
    found = claims(done.stdout)
    assert found["aud"] in (audience, [audience])
    assert found["preferred_username"].startswith("alice")
    assert 800 < found["exp"] - found["iat"] <= 900


def test_the_plugin_of_a_created_kubeconfig_answers(member: tuple[Any, str]) -> None:
    person, audience = member
    done = person.run("labpass", "kubeconfig", "create", "--print")
    assert done.returncode == 0, done.stderr
    (arguments,) = re.findall(r"command: (\S+)\n      args:\n((?:      - \S+\n)+)", done.stdout)
    command = [arguments[0], *re.findall(r"- (\S+)", arguments[1])]
    answer = subprocess.run(
        command, env=person.environment, capture_output=True, text=True, check=True
    )
    assert claims(json.loads(answer.stdout)["status"]["token"])["aud"] in (audience, [audience])
    again = person.run("labpass", "kubeconfig", "create", "--set-context", "--no-verify")
    assert again.returncode == 0, again.stderr
    assert (
        "Nothing to change" in person.run("labpass", "kubeconfig", "create", "--no-verify").stderr
    )


def test_no_rule_on_a_cluster_is_refused_in_the_servers_words(
    admin: Any, member: tuple[Any, str]
) -> None:
    person, _ = member
    other = admin("cluster", "add", f"other{time.monotonic_ns()}", "-o", "json")["audience"]
    done = person.run("labpass", "auth", "token", "--audience", other)
    assert done.returncode == 6, done.stderr
    assert done.stderr.startswith("labpass: ")


def test_a_disabled_persons_session_ends_at_the_next_renewal(
    admin: Any, member: tuple[Any, str], newcomer: tuple[str, str]
) -> None:
    person, audience = member
    admin("person", "disable", newcomer[0], "--yes")
    done = person.run("labpass", "auth", "token", "--audience", audience)
    assert done.returncode == 5, done.stderr
    assert "ended" in done.stderr


def test_logout_ends_the_session_at_the_server(member: tuple[Any, str]) -> None:
    person, audience = member
    (session,) = (person.state / "sess").glob("*.json")
    kept = session.read_text()
    assert person.run("labpass", "logout").returncode == 0
    session.write_text(kept)
    session.chmod(0o600)
    done = person.run("labpass", "auth", "token", "--audience", audience)
    assert done.returncode == 5, done.stderr


def test_ten_renewals_at_once_rotate_once_and_keep_the_session(member: tuple[Any, str]) -> None:
    person, audience = member
    person.forget_access_token()
    command = [str(BIN / "labpass"), "auth", "token", "--audience", audience]
    running = [
        subprocess.Popen(
            command, env=person.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(10)
    ]
    answers = {one.communicate(timeout=60)[0] for one in running}
    assert {one.returncode for one in running} == {0}
    assert len(answers) == 1
    person.forget_access_token()
    person.age_credentials(0)
    assert person.run("labpass", *command[1:]).returncode == 0


class BrowserElsewhere:
    """A browser without script on another machine: follows links, fills in forms."""

    def __init__(self, ca_pem: str) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cadata=ca_pem))
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar, tls)
        self.url = self.page = ""

    def visit(self, url: str, form: dict[str, str] | None = None) -> None:
        body = urlencode(form).encode() if form is not None else None
        origin = "/".join(url.split("/")[:3])
        headers = {"Origin": origin} if body is not None else {}
        request = urllib.request.Request(url, body, headers)  # noqa: S310 -- https, by our server
        with self._opener.open(request, timeout=10) as response:
            self.url, self.page = response.url, response.read().decode()

    def submit(self, **typed: str) -> None:
        """Send the page's first form with what is typed over its hidden fields."""
        action, inside = re.findall(
            r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.page, re.DOTALL
        )[0]
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', inside))
        form = {html.unescape(k): html.unescape(v) for k, v in fields.items()}
        self.visit(urljoin(self.url, html.unescape(action)), {**form, **typed})


def test_remote_with_a_browser_elsewhere(
    newcomer: tuple[str, str], server: str, person: Any
) -> None:
    handle, temporary = newcomer
    child = pexpect.spawn(
        str(BIN / "labpass"),
        ["login", "--server", server, "--remote"],
        env=person.environment,
        encoding="utf-8",
        timeout=20,
        dimensions=(40, 300),
    )
    try:
        child.expect(r"(https://\S+/r/\S+)")
        assert isinstance(child.match, re.Match)
        link = child.match[1]
        child.expect("verification code: ")
        browser = BrowserElsewhere(ca_of(server))
        browser.visit(link)
        browser.submit(username=handle, password=temporary)
        browser.submit(username=handle, new_password=OWN)
        (code,) = re.findall(r'id="code">([A-Z0-9-]{9})<', browser.page)
        child.sendline(code.lower())
        child.expect(f"as {handle}")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)


def ca_of(server: str) -> str:
    url = server.partition("#")[0]
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    handler = urllib.request.HTTPSHandler(context=context)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)
    with opener.open(f"{url}/.well-known/labpass/ca.pem", timeout=10) as response:
        return str(response.read().decode())
