import io
from pathlib import Path

import pytest

from testbed import document
from testbed.demo import play
from testbed.demo.scene import Scene, Unexpected
from testbed.demo.stage import Stage
from testbed.desk import Desk


def _scene(folder: Path) -> tuple[Scene, io.StringIO]:
    out = io.StringIO()
    desk = Desk(home=folder, programs=()).sit()
    cluster = document.Cluster(
        name="lab-a", version="v1.36.3", server="https://127.0.0.1:1", ca=folder, audience=None,
        admin_kubeconfig=folder, break_glass_kubeconfig=folder, authentication_config=None,
        audit_log=folder,
    )  # fmt: skip
    return Scene(
        stage=Stage(out, is_watched=False, has_colour=False, folder=str(folder)),
        cluster=cluster, server="", ca=folder, dana=desk, alice=desk, bob=desk, passwords={},
    ), out  # fmt: skip


def _fails(scene: Scene) -> str:
    raise Unexpected(f"{scene.cluster.name} said yes where it had to say no")


def test_a_step_that_does_not_come_out_is_named_and_fails_the_play(tmp_path: Path) -> None:
    scene, out = _scene(tmp_path)
    step = play.Step(title="A job in a project without access", play=_fails)
    assert not play.perform(5, step, scene)
    assert "FAILED 5  A job in a project without access" in out.getvalue()
    assert "lab-a said yes where it had to say no" in out.getvalue()


def test_a_step_that_comes_out_says_what_it_showed(tmp_path: Path) -> None:
    scene, out = _scene(tmp_path)
    assert play.perform(1, play.Step(title="Trust", play=lambda _: "trusted"), scene)
    assert out.getvalue().startswith("ok 1  trusted")


def test_a_command_that_had_to_be_refused_and_was_not_fails_the_step(tmp_path: Path) -> None:
    scene, _ = _scene(tmp_path)
    for command, words in ((("true",), "was not"), (("false",), "without 'forbidden'")):
        with pytest.raises(Unexpected, match=words):
            scene.refused(scene.alice, *command, by="forbidden")
