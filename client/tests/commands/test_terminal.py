import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.commands import terminal


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("loss 0.1\tlr 2", "loss 0.1\tlr 2"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("a\x1b[2Jb\x1b[1;1Hc", "abc"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;cm0gLXJm\x07text", "text"),
        ("\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x9b31mred", "red"),
        ("\x1bcreset", "reset"),
        ("\x1b]never ends", ""),
        ("bell\x07", "bell\ufffd"),
        ("done\r", "done"),
        ("hide\rseen", "hide\ufffdseen"),
        ("right-to-left \u202egnp.exe", "right-to-left \ufffdgnp.exe"),
        ("漢字 é", "漢字 é"),
    ],
)
def test_a_line_cannot_reach_the_terminal_of_who_reads_it(line: str, shown: str) -> None:
    assert terminal.harmless(line) == shown


@given(st.text(alphabet=st.sampled_from("\x1b[]0;m\x07\\\x9b\r\x00aP^_"), max_size=40))
def test_no_control_character_is_left_of_any_line(line: str) -> None:
    shown = terminal.harmless(line)
    assert all(sign == "\t" or sign.isprintable() for sign in shown)
