import io

from testbed.demo.stage import Stage


def _stage(*, is_watched: bool, has_colour: bool = False) -> tuple[Stage, io.StringIO]:
    out = io.StringIO()
    return Stage(out, is_watched=is_watched, has_colour=has_colour, folder="/somewhere/long"), out


def test_unwatched_a_step_is_one_line() -> None:
    stage, out = _stage(is_watched=False)
    stage.begin(1, "Trust")
    stage.command("labpass trust plan")
    stage.answer("a diff\nof many lines")
    stage.say("A sentence.")
    stage.end(1, "trusted", seconds=1.25)
    assert out.getvalue() == "ok 1  trusted (1.2 s)\n"


def test_watched_it_shows_the_command_and_the_answer_within_80_columns() -> None:
    stage, out = _stage(is_watched=True)
    stage.command("labpass trust plan --config-file /somewhere/long/config.yaml")
    stage.answer("word " * 60)
    assert "$ labpass trust plan --config-file $DEMO/config.yaml" in out.getvalue()
    assert max(len(line) for line in out.getvalue().splitlines()) <= 80


def test_a_long_answer_is_cut_and_says_so() -> None:
    stage, out = _stage(is_watched=True)
    stage.answer("\n".join(str(number) for number in range(30)), lines=10)
    assert "20 lines more" in out.getvalue()


def test_colours_are_only_for_a_terminal_that_wants_them() -> None:
    plain, without = _stage(is_watched=True)
    coloured, with_ = _stage(is_watched=True, has_colour=True)
    for stage in (plain, coloured):
        stage.end(1, "trusted", seconds=1)
    assert "\x1b" not in without.getvalue()
    assert "\x1b" in with_.getvalue()
