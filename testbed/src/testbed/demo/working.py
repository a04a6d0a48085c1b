"""Steps 5 to 8: denied, granted, proven, withdrawn."""

import json
import time

from testbed.demo.scene import Scene, Unexpected, expect
from testbed.demo.trusting import CLOSED, OPEN

_IMAGE = "registry.k8s.io/pause:3.10"
_DENIED_BY = 'User "labpass:alice" cannot create resource "jobs"'
_LABEL = "labpass.dev/submitted-by"
_PATIENCE_SECONDS = 10.0


def deny(scene: Scene) -> str:
    """Submit where there is no access."""
    scene.refused(
        scene.alice, "labpass", "submit", "train-1", "-p", CLOSED, "-i", _IMAGE, by=_DENIED_BY
    )
    by_kubectl = ("create", "job", "train-1", f"--image={_IMAGE}", "-n", f"labpass-{CLOSED}")
    scene.refused(scene.alice, "kubectl", *by_kubectl, by=_DENIED_BY)
    return f"alice in {CLOSED}: denied by the API server, through labpass and through kubectl"


def grant(scene: Scene) -> str:
    """Submit where there is access, and see it run to its end on a GPU node."""
    scene.type(
        scene.alice, "labpass", "submit", "train-1", "-p", OPEN, "-i", _IMAGE, "-g", "1", "--wait",
        "--timeout", "60", "--", "python", "train.py",
    )  # fmt: skip
    pods = scene.read(
        scene.alice, "kubectl", "get", "pods", "-n", f"labpass-{OPEN}", "-l", "job-name=train-1",
        "-o", "jsonpath={.items[0].status.phase} on {.items[0].spec.nodeName}",
    )  # fmt: skip
    expect(
        truth=pods.out.startswith("Succeeded on "), what="the job ran to its end", seen=pods.said
    )
    return f"alice in {OPEN}: granted, {pods.out.strip().lower()}"


def prove(scene: Scene) -> str:
    """Show whose jobs these are, whatever anybody claims."""
    namespace = ("-n", f"labpass-{OPEN}")
    manifest = scene.alice.home / "claims-to-be-bobs.json"
    manifest.write_text(json.dumps(_claims("claims-to-be-bobs", "bob")))
    scene.type(scene.alice, "kubectl", "create", *namespace, "-f", manifest)
    label = ("label", *namespace, "job/claims-to-be-bobs", "--overwrite", f"{_LABEL}=bob")
    scene.refused(scene.alice, "kubectl", *label, by="never changes")
    scene.refused(
        scene.bob, "kubectl", "patch", *namespace, "job/claims-to-be-bobs", "--type=merge", "-p",
        '{"spec":{"parallelism":8}}', by="only alice may change what this Job runs",
    )  # fmt: skip
    rows = json.loads(scene.alice.ask("labpass", "list", "-p", OPEN, "-o", "json").out)["items"]
    scene.type(scene.alice, "labpass", "list", "-p", OPEN)
    names = {row["metadata"]["name"]: row["metadata"]["labels"].get(_LABEL) for row in rows}
    wanted = {"train-1": "alice", "claims-to-be-bobs": "alice"}
    expect(truth=wanted.items() <= names.items(), what="both are alice's", seen=str(names))
    return "the list names alice; a job that claims to be bob's is alice's; nobody changes that"


def withdraw(scene: Scene) -> str:
    """Withdraw the rule and submit again until the API server refuses."""
    rule = scene.learned[f"rule alice {OPEN}"]
    scene.type(scene.dana, "labpass", "rule", "delete", rule, "--yes")
    begun = time.monotonic()
    seconds = _seconds_until_denied(scene, begun)
    scene.stage.say(f"Denied {seconds:.2f} s after the rule was withdrawn.")
    scene.refused(
        scene.alice, "labpass", "submit", "train-2", "-p", OPEN, "-i", _IMAGE, by=_DENIED_BY
    )
    return f"rule withdrawn; the API server refused the next submit {seconds:.2f} s later"


def _seconds_until_denied(scene: Scene, begun: float) -> float:
    asked = ("kubectl", "auth", "can-i", "create", "jobs", "-n", f"labpass-{OPEN}")
    while time.monotonic() - begun < _PATIENCE_SECONDS:
        if scene.alice.run(*asked).out.strip() == "no":
            return time.monotonic() - begun
    raise Unexpected(
        f"alice may still submit {_PATIENCE_SECONDS:.0f} s after the rule was withdrawn"
    )


def _claims(name: str, submitter: str) -> dict[str, object]:
    labels = {_LABEL: submitter}
    container = {"name": "main", "image": _IMAGE}
    template = {
        "metadata": {"labels": labels},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": labels},
        "spec": {"backoffLimit": 0, "suspend": True, "template": template},
    }
