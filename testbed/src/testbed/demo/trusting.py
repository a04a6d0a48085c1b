"""Steps 1 to 3: trust, what is installed, and a kubeconfig without an administrator in it."""

import json

from testbed.demo.scene import Scene, expect

CLUSTER = "lab-a"
OPEN, CLOSED = "vision", "speech"


def trust(scene: Scene) -> str:
    """Make the API server believe the authority: plan, apply, verify."""
    dana, cluster = scene.dana, scene.cluster
    bundle = dana.home / "bundle.json"
    scene.type(
        dana, "labpass", "login", "--server", scene.server, "--password-stdin", "-u", "dana",
        stdin=scene.passwords["dana"] + "\n",
    )  # fmt: skip
    scene.type(dana, "labpass", "cluster", "add", CLUSTER)
    scene.type(dana, "labpass", "cluster", "bundle", CLUSTER, "--file", bundle)
    where = ("--bundle", bundle, "--config-file", str(cluster.authentication_config))
    break_glass = ("--break-glass", cluster.break_glass_kubeconfig)
    plan = scene.type(dana, "labpass", "trust", "plan", *where, *break_glass, lines=60)
    issuer = scene.learned["issuer"]
    expect(truth=issuer in plan.said, what="the plan names the issuer", seen=plan.said)
    kept = ("--backup", dana.home / "backup")
    scene.type(dana, "labpass", "trust", "apply", *where, *break_glass, *kept, "--yes", lines=80)
    own = ("--kubeconfig", cluster.admin_kubeconfig)
    proof = scene.type(dana, "labpass", "trust", "verify", *where, *own, lines=40)
    for fact in ("labpass:canary", "401"):
        expect(truth=fact in proof.said, what=f"the proof shows {fact}", seen=proof.said)
    return "the API server believes the authority; planned, applied and proven"


def furnish(scene: Scene) -> str:
    """Install what Labpass needs, and make projects, people and rules."""
    dana, cluster = scene.dana, scene.cluster
    scene.type(
        dana, "labpass", "cluster", "connect", CLUSTER, "--kubeconfig", cluster.admin_kubeconfig,
        "--yes", lines=40,
    )  # fmt: skip
    for project in (OPEN, CLOSED):
        scene.type(dana, "labpass", "project", "create", project, "--cluster", CLUSTER)
    for person, name in (("alice", "Alice Moreau"), ("bob", "Bob Okafor")):
        made = scene.read(dana, "labpass", "person", "create", person, "--name", name, "-o", "json")
        scene.passwords[person] = json.loads(made.out)["temporary_password"]
    for person, project in (("alice", OPEN), ("bob", OPEN), ("bob", CLOSED)):
        rule = scene.read(
            dana, "labpass", "rule", "create", person, "--role", "researcher", "-p", project,
            "--yes", "-o", "json",
        )  # fmt: skip
        scene.learned[f"rule {person} {project}"] = json.loads(rule.out)["id"]
    return (
        "permission sets, policies and our account installed; two projects, two people, three rules"
    )


def clean(scene: Scene) -> str:
    """Turn the administrator's kubeconfig into one that holds no credential."""
    dana, admin = scene.dana, scene.cluster.admin_kubeconfig
    checked = scene.may(dana, "labpass", "kubeconfig", "sanitize", "--in", admin, "--check")
    expect(truth=checked.code == 3, what="--check finds the administrator", seen=checked.said)  # noqa: PLR2004 -- the documented exit code
    cleaned = scene.read(dana, "labpass", "kubeconfig", "sanitize", "--in", admin)
    for secret in ("client-certificate-data:", "client-key-data:"):
        expect(truth=secret not in cleaned.out, what=f"no {secret} is left", seen=cleaned.out)
    expect(truth="client-key-data" in cleaned.err, what="what went is named", seen=cleaned.err)
    return "the administrator's kubeconfig cleaned, every credential in it named"
