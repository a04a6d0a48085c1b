"""`labpass submit` and its kin: the real program, a small cluster in a thread.

What the API server itself says is tested in e2e/; here are the words, the exit codes, the prompts.
"""

import http.server
import json
import re
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pexpect
import pytest

pytestmark = pytest.mark.slow  # each test starts whole programs

FORBIDDEN = (
    'jobs.batch is forbidden: User "labpass:alice" cannot create resource "jobs" in API group '
    '"batch" in the namespace "labpass-speech"'
)
JOBS = re.compile(r"/apis/batch/v1/namespaces/labpass-vision/jobs(/(?P<name>.+))?")


@dataclass
class Cluster:
    """What the small cluster holds and was asked."""

    url: str = ""
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    pods: list[dict[str, Any]] = field(default_factory=list)
    log: bytes = b""
    page: int = 500
    asked: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, *, submitter: str = "alice", **status: Any) -> dict[str, Any]:
        """Hold one more job."""
        container = {"image": "ghcr.io/lab/train:v3", "resources": {"limits": {}}}
        self.jobs[name] = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": name,
                "namespace": "labpass-vision",
                "uid": f"uid-{name}",
                "resourceVersion": "1",
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "labels": {"labpass.dev/submitted-by": submitter},
            },
            "spec": {"template": {"spec": {"containers": [container]}}},
            "status": status,
        }
        return self.jobs[name]


class Handler(http.server.BaseHTTPRequestHandler):
    cluster: Cluster
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        self.cluster.asked.append(("GET", self.path))
        match = JOBS.fullmatch(where.path)
        if where.path.endswith("/log"):
            self._send(200, self.cluster.log)
        elif match and match["name"]:
            self._one(match["name"])
        elif match:
            self._page(parse_qs(where.query))
        elif where.path.endswith("/namespaces/labpass-vision/pods"):
            self._json(200, {"items": self.cluster.pods})
        elif where.path.endswith("/events"):
            self._json(200, {"items": []})
        else:
            self._status(404, "NotFound", f"{where.path} not found")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.cluster.asked.append(("POST", self.path))
        if "labpass-speech" in self.path:
            self._status(403, "Forbidden", FORBIDDEN)
        elif body["metadata"]["name"] in self.cluster.jobs:
            self._status(409, "AlreadyExists", 'jobs.batch "train" already exists')
        else:
            self._json(201, body)

    def do_DELETE(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.cluster.asked.append(("DELETE", self.path))
        match = JOBS.fullmatch(urlsplit(self.path).path)
        assert match
        self._json(200, self.cluster.jobs.pop(match["name"]))

    def _one(self, name: str) -> None:
        job = self.cluster.jobs.get(name)
        if job is None:
            self._status(404, "NotFound", f'jobs.batch "{name}" not found')
        else:
            self._json(200, job)

    def _page(self, query: dict[str, list[str]]) -> None:
        jobs = list(self.cluster.jobs.values())
        start = int(query.get("continue", ["0"])[0])
        end = start + self.cluster.page
        more = {"continue": str(end)} if end < len(jobs) else {}
        items = [{k: v for k, v in job.items() if k not in {"kind", "apiVersion"}} for job in jobs]
        self._json(200, {"metadata": more, "items": items[start:end]})

    def _status(self, code: int, reason: str, message: str) -> None:
        self._json(code, {"kind": "Status", "code": code, "reason": reason, "message": message})

    def _json(self, status: int, body: object) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def cluster(tls: tuple[str, Path], authority: Any) -> Iterator[Cluster]:
    """A cluster on which alice has the project vision; speech is another's."""
    ca_pem, file = tls
    known = Cluster()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Handler", (Handler,), {"cluster": known})
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    known.url = f"https://127.0.0.1:{server.server_address[1]}"
    authority.projects.append(
        {
            "project": "vision",
            "cluster": "lab-a",
            "namespace": "labpass-vision",
            "role": "researcher",
            "server": known.url,
            "ca": ca_pem,
            "audience": "labpass-lab-a-12345678",
            "username_prefix": "labpass:",
            "ends_at": None,
        }
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def _knows(authority: Any, *projects: str) -> None:
    """Let the small server answer for projects that are another's."""

    def answer(handler: Any) -> bool:
        name = urlsplit(handler.path).path.removeprefix("/api/v1/projects/")
        if name in projects:
            handler.json(200, {"name": name, "hidden": False, "namespaces": []})
        return name in projects

    authority.break_with = answer


def test_an_empty_list_is_no_output_and_a_word_on_stderr(alice: Any, cluster: Cluster) -> None:
    done = alice.run("labpass", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No jobs in vision.\n"


def test_who_has_no_project_is_told_so(alice: Any, authority: Any) -> None:
    done = alice.run("labpass", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no project" in done.stderr


def test_the_list_names_each_job_its_state_and_its_submitter(alice: Any, cluster: Cluster) -> None:
    cluster.add("train", ready=1, active=1)
    cluster.add("eval", submitter="bob", conditions=[{"type": "Complete", "status": "True"}])
    done = alice.run("labpass", "list")
    head, *rows = done.stdout.splitlines()
    assert head.split()[:3] == ["NAME", "STATUS", "AGE"]
    assert [row.split()[:2] for row in rows] == [["eval", "Completed"], ["train", "Running"]]
    assert ["bob" in rows[0].split(), "alice" in rows[1].split()] == [True, True]


def test_the_list_reads_every_page(alice: Any, cluster: Cluster) -> None:
    cluster.page = 2
    for number in range(5):
        cluster.add(f"job-{number}")
    done = alice.run("labpass", "list", "--no-headers", "-o", "name")
    assert done.stdout.split() == [f"job.batch/job-{number}" for number in range(5)]


def test_json_is_a_list_as_kubectl_prints_it(alice: Any, cluster: Cluster) -> None:
    cluster.add("train")
    found = json.loads(alice.run("labpass", "list", "-o", "json").stdout)
    assert (found["kind"], found["apiVersion"]) == ("List", "v1")
    assert found["items"][0]["metadata"]["name"] == "train"
    assert found["items"][0]["kind"] == "Job", "which a list's items do not say themselves"


def test_a_name_in_the_list_cannot_reach_the_terminal(alice: Any, cluster: Cluster) -> None:
    cluster.add("train", submitter="\x1b]0;owned\x07alice")
    for form in ("table", "wide"):
        assert "\x1b" not in alice.run("labpass", "list", "-o", form).stdout


def test_a_log_cannot_reach_the_terminal(alice: Any, cluster: Cluster) -> None:
    cluster.add("train")
    cluster.pods.append({"metadata": {"name": "train-x"}})
    cluster.log = b"epoch 1\n\x1b[2J\x1b]52;c;ZXZpbA==\x07epoch 2\n"
    done = alice.run("labpass", "logs", "train", "--tail", "2")
    assert done.stdout == "epoch 1\nepoch 2\n"
    assert any("tailLines=2" in path for _, path in cluster.asked)


def test_submitting_says_where_and_what_next(alice: Any, cluster: Cluster) -> None:
    done = alice.run("labpass", "submit", "train", "-i", "busybox", "--", "echo", "-n", "x")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Job train submitted to vision on lab-a")
    assert "labpass describe train -p vision" in done.stderr


def test_a_submitted_job_as_a_document_is_what_the_cluster_stored(
    alice: Any, cluster: Cluster
) -> None:
    done = alice.run(
        *("labpass", "submit", "train", "-p", "vision", "-i", "busybox", "-g", "2"),
        *("-e", "A=b=c", "--memory", "1Gi", "-o", "json", "--", "python", "train.py", "--lr", "1"),
    )
    [container] = json.loads(done.stdout)["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["python", "train.py", "--lr", "1"]
    assert container["env"] == [{"name": "A", "value": "b=c"}]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "2", "memory": "1Gi"}


def test_a_file_of_ones_own_from_stdin(alice: Any, cluster: Cluster) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}
    done = alice.run("labpass", "submit", "-f", "-", "-o", "name", stdin=json.dumps(pod))
    assert (done.returncode, done.stdout) == (0, "pod/p\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("Train", "-i", "busybox"), "'train' would do"),
        (("train",), "needs an image"),
        (("-i", "busybox"), "needs a NAME"),
        (("train", "-i", "busybox", "--memory", "64"), "64Gi was probably meant"),
        (("train", "-i", "busybox", "-e", "A"), "NAME=VALUE"),
        (("train", "-i", "busybox", "-g", "-1"), "not between 0"),
        (("-f", "/nowhere/x.yaml"), "Cannot read"),
        (("train", "-i", "busybox", "-f", "-"), "the file alone says"),
    ],
)
def test_a_wrong_line_is_refused_before_any_server_is_asked(
    alice: Any, cluster: Cluster, authority: Any, line: tuple[str, ...], words: str
) -> None:
    authority.requests.clear()
    pod = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}'
    done = alice.run("labpass", "submit", *line, stdin=pod)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert not authority.requests
    assert not cluster.asked


def test_a_refusal_quotes_the_api_server_and_says_what_is_missing(
    alice: Any, cluster: Cluster, authority: Any
) -> None:
    _knows(authority, "speech")
    done = alice.run("labpass", "submit", "train", "-p", "speech", "-i", "busybox")
    assert (done.returncode, done.stdout) == (6, "")
    assert FORBIDDEN in done.stderr
    assert "researcher in project speech" in done.stderr
    assert "Yours are:     vision" in done.stderr


def test_a_project_that_nobody_knows_or_that_is_hidden_is_not_found(
    alice: Any, cluster: Cluster
) -> None:
    done = alice.run("labpass", "submit", "train", "-p", "secret", "-i", "busybox")
    assert (done.returncode, done.stdout) == (7, "")
    assert "no project secret that you may know of" in done.stderr
    assert not cluster.asked


def test_a_name_that_is_taken_is_a_conflict(alice: Any, cluster: Cluster) -> None:
    cluster.add("train")
    done = alice.run("labpass", "submit", "train", "-i", "busybox")
    assert done.returncode == 8
    assert "labpass delete train" in done.stderr


def test_waiting_for_what_has_ended_returns_at_once_with_its_end(
    alice: Any, cluster: Cluster
) -> None:
    cluster.add("other")
    failed = cluster.add(
        "train", conditions=[{"type": "Failed", "status": "True", "message": "too often"}]
    )
    del cluster.jobs["train"]

    def keep(name: str) -> dict[str, Any]:
        return {**failed, "metadata": {**failed["metadata"], "name": name}}

    cluster.jobs = _Late(cluster.jobs, train=keep("train"))
    done = alice.run("labpass", "submit", "train", "-i", "busybox", "--wait")
    assert done.returncode == 1
    assert "train: Failed (too often)" in done.stderr


class _Late(dict[str, dict[str, Any]]):
    """Jobs of which one is there only when it is asked for by name."""

    def __init__(self, known: dict[str, dict[str, Any]], **late: dict[str, Any]) -> None:
        super().__init__(known)
        self._late = late

    def get(self, name: str, default: Any = None) -> Any:
        return self._late.get(name) or super().get(name, default)


def test_a_description_has_the_facts_and_says_when_there_is_nothing_more(
    alice: Any, cluster: Cluster
) -> None:
    cluster.add("train", submitter="bob")
    told = alice.run("labpass", "describe", "train").stdout
    assert re.search(r"^Submitted by: *bob$", told, re.MULTILINE)
    assert re.search(
        r"^Project: *vision \(namespace labpass-vision on lab-a\)$", told, re.MULTILINE
    )
    assert "Pods:         none yet" in told


@pytest.mark.parametrize("command", ["describe", "logs", "delete"])
def test_what_is_not_there_is_not_found(alice: Any, cluster: Cluster, command: str) -> None:
    done = alice.run("labpass", command, "nothing")
    assert done.returncode == 7
    assert "no job or pod called nothing" in done.stderr


def test_without_a_terminal_deleting_wants_to_be_told(alice: Any, cluster: Cluster) -> None:
    cluster.add("train")
    done = alice.run("labpass", "delete", "train")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert "train" in cluster.jobs
    assert alice.run("labpass", "delete", "train", "--yes").returncode == 0
    assert "train" not in cluster.jobs


def _ask(alice: Any) -> Any:
    labpass = str(Path(sys.executable).parent / "labpass")
    child = pexpect.spawn(labpass, ["delete", "train"], env=alice.environment, encoding="utf-8")
    child.expect_exact("Delete Job train in vision, submitted by bob? [y/N]: ")
    return child


@pytest.mark.parametrize(
    ("typed", "code", "left"), [("y\r", 0, set()), ("n\r", 2, {"train"}), ("\x03", 130, {"train"})]
)
def test_on_a_terminal_deleting_asks_and_names_whose_it_is(
    alice: Any, cluster: Cluster, typed: str, code: int, left: set[str]
) -> None:
    cluster.add("train", submitter="bob")
    child = _ask(alice)
    child.send(typed)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert set(cluster.jobs) == left
    assert "Traceback" not in child.before


def test_the_table_fits_a_terminal_of_eighty_columns(alice: Any, cluster: Cluster) -> None:
    message = "0/3 nodes are available: 2 Insufficient nvidia.com/gpu, 1 had an untolerated taint"
    job = cluster.add("resnet50-seed-7-with-a-name", active=1)
    job["spec"]["template"]["spec"]["containers"][0]["image"] = "nvcr.io/nvidia/pytorch:24.01-py3"
    cluster.pods.append(
        {
            "metadata": {
                "name": "x",
                "labels": {"batch.kubernetes.io/job-name": "resnet50-seed-7-with-a-name"},
                "ownerReferences": [{}],
            },
            "status": {
                "conditions": [{"type": "PodScheduled", "status": "False", "message": message}]
            },
        }
    )
    labpass = str(Path(sys.executable).parent / "labpass")
    child = pexpect.spawn(
        labpass, ["list"], env=alice.environment, encoding="utf-8", dimensions=(24, 80)
    )
    child.expect(pexpect.EOF)
    head, line, reason = str(child.before).splitlines()
    assert head.split()[-1] == "GPUS", "completions and image have no room"
    assert line.split()[:2] == ["resnet50-seed-7-with-a-name", "Pending"]
    assert reason.startswith("  0/3 nodes are available")
    assert max(map(len, (head, line, reason))) <= 80
