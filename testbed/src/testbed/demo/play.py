"""The whole play: brings everything up, plays the steps, says where to go on, takes it all down."""

import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from testbed import authority, lifecycle, processes
from testbed.demo import signing_in, trusting, working
from testbed.demo.scene import Scene
from testbed.demo.stage import Stage
from testbed.desk import Desk
from testbed.problems import Problem
from testbed.programs import Programs
from testbed.version import Version

ADMINISTRATOR = "dana"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the procedure; `play` returns the sentence that closes it."""

    title: str
    play: Callable[[Scene], str]


STEPS = (
    Step(title="The API server is told to believe the authority", play=trusting.trust),
    Step(title="What Labpass installs; projects, people, rules", play=trusting.furnish),
    Step(title="The administrator's kubeconfig becomes a researcher's", play=trusting.clean),
    Step(title="alice signs in at a prompt, bob by a link and a code", play=signing_in.sign_in),
    Step(title="A job in a project without access", play=working.deny),
    Step(title="A job in a project with access", play=working.grant),
    Step(title="Whose jobs these are", play=working.prove),
    Step(title="The rule is withdrawn", play=working.withdraw),
)


def demo(programs: Programs, version: Version, *, is_watched: bool, has_colour: bool) -> bool:
    """Play every step once and say whether all came out as they should.

    Where somebody watches, everything then stays up until Ctrl-C. Nothing is left running.
    """
    with tempfile.TemporaryDirectory(prefix="labpass-demo-", ignore_cleanup_errors=True) as folder:
        stage = Stage(sys.stdout, is_watched=is_watched, has_colour=has_colour, folder=folder)
        stage.say(f"DEMO={folder}")
        state = Path(folder) / "state"
        wanted = lifecycle.Wanted(state=state, programs=programs, version=version, bare=True)
        begun = time.monotonic()
        with lifecycle.running(wanted) as found:
            scene = _scene(stage, found.state, wanted)
            where = f"API server {scene.cluster.server}, authority {scene.learned['issuer']}"
            stage.plain(f"up: {where} ({time.monotonic() - begun:.1f} s)")
            came_out = all(perform(number, step, scene) for number, step in enumerate(STEPS, 1))
            if came_out and is_watched:
                _invite(scene)
                _stay(stage)
    return came_out


def perform(number: int, step: Step, scene: Scene) -> bool:
    """Play one step and say whether it came out; what it showed, or why not, is on the stage."""
    begun = time.monotonic()
    scene.stage.begin(number, step.title)
    try:
        line = step.play(scene)
    except Problem as problem:
        scene.stage.fail(number, step.title, str(problem))
        return False
    scene.stage.end(number, line, seconds=time.monotonic() - begun)
    return True


def _scene(stage: Stage, state: Path, wanted: lifecycle.Wanted) -> Scene:
    found = lifecycle.find(state)
    assert found is not None
    running = processes.Processes(state)

    def desk(name: str) -> Desk:
        return Desk(home=state / "people" / name, programs=(wanted.programs.folder,)).sit()

    dana = desk(ADMINISTRATOR)
    server = authority.start(state / "labpass", processes=running, environment=dana.environment)
    passwords = {ADMINISTRATOR: secrets.token_urlsafe(16)}
    authority.create_administrator(
        server, dana, handle=ADMINISTRATOR, password=passwords[ADMINISTRATOR]
    )
    return Scene(
        stage=stage,
        cluster=found.clusters[0],
        server=server.server,
        ca=server.ca,
        dana=dana,
        alice=desk("alice"),
        bob=desk("bob"),
        passwords=passwords,
        learned={"issuer": server.issuer},
    )


def _invite(scene: Scene) -> None:
    """Say where everything is, and what to paste into another terminal."""
    say = scene.stage.plain
    say("\nEverything stays up until Ctrl-C. In another terminal:\n")
    say(f"  authority   {scene.learned['issuer']}")
    say(f"  API server  {scene.cluster.server}")
    for desk, handle in ((scene.dana, ADMINISTRATOR), (scene.alice, "alice"), (scene.bob, "bob")):
        environment = desk.environment
        say(f"\n  # as {handle}, password {scene.passwords[handle]}")
        say(f"  export LABPASS_HOME={environment['LABPASS_HOME']}")
        say(f"  export KUBECONFIG={environment['KUBECONFIG']}")
        say(f"  export PATH={environment['PATH'].partition(':/usr')[0]}:$PATH")
    say("\n  labpass whoami; labpass project list; kubectl get jobs")


def _stay(stage: Stage) -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        stage.plain("\ntaking it down")
