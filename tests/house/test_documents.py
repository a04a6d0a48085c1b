"""No drift: the reference is what the code says; links and commands in documents exist."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from labpass.__main__ import labpass
from labpass_server.__main__ import main as server
from testbed import commands as bed

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final[dict[str, click.Command]] = {
    "labpass": labpass,
    "labpass-server": server,
    "testbed": bed.testbed,
}
_GENERATED: Final = ROOT / "docs/reference"
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE: Final = re.compile(r"`((?:labpass|labpass-server|testbed) [^`\n]+)`")
_LINK: Final = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_ENDS_A_COMMAND: Final = frozenset({"|", "||", "&&", ";", "<", ">", ">>", "2>&1", "&"})


def _documents() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [
        ROOT / name
        for name in listing.split("\0")
        if name and (ROOT / name).is_file() and "static" not in Path(name).parts
    ]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


DOCUMENTS: Final = _documents()
WRITTEN: Final = [path for path in DOCUMENTS if _GENERATED not in path.parents]


@pytest.mark.slow
def test_the_reference_is_what_the_code_says() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "docs.generator", "--check"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_link_leads_somewhere(path: Path) -> None:
    prose = _FENCE.sub("", path.read_text(encoding="utf-8"))
    for target in _LINK.findall(prose):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, fragment = target.partition("#")
        found = path.parent / file if file else path
        assert found.exists(), f"{target} leads nowhere"
        if fragment:
            assert fragment in _anchors(found), f"{target}: no such heading"


def _anchors(path: Path) -> set[str]:
    """Return the names that GitHub and others give to headings."""
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("path", WRITTEN, ids=_name)
def test_every_command_in_a_document_exists_with_its_options(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for line, is_whole in _commands(text):
        words = shlex.split(line, comments=True)
        try:
            _parse(words)
        except (click.MissingParameter, click.exceptions.NoArgsIsHelpError):
            assert not is_whole, f"{line}: something is missing"
        except click.UsageError as e:
            pytest.fail(f"{line}: {e.format_message()}")


def _commands(text: str) -> Iterator[tuple[str, bool]]:
    """Give each command line, and whether it is whole: in a sentence it may be a name alone."""
    for _, block in _FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            bare = re.sub(r"^(\$ |# )?(sudo )?([A-Z_]+=\S* )*", "", line.strip())
            if bare.split(" ")[0] in PROGRAMS:
                yield bare, True
    for line in _INLINE.findall(_FENCE.sub("", text)):
        yield line, False


def _parse(words: list[str]) -> None:
    """Parse as the program does, running nothing. Raises `click.UsageError`."""
    ends = [i for i, word in enumerate(words) if word in _ENDS_A_COMMAND]
    arguments = words[1 : ends[0]] if ends else words[1:]
    command, context, name = PROGRAMS[words[0]], None, words[0]
    while True:
        context = _context(command, name, arguments, context)
        if context is None or not isinstance(command, click.Group) or not arguments:
            return
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        found = command.get_command(context, rest[0])
        if found is None:
            raise click.UsageError(f"no command {rest[0]}")
        command, name, arguments = found, rest[0], rest[1:]


def _context(
    command: click.Command, name: str, arguments: list[str], parent: click.Context | None
) -> click.Context | None:
    """Return the parsed context; None after ``--help`` or ``--version``, which need no more."""
    if "--help" in arguments or "--version" in arguments:
        return None
    if isinstance(command, click.Group) and not arguments:
        return None
    return command.make_context(name, list(arguments), parent=parent)


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_no_document_names_a_path_or_a_registry_of_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"(?<![\w.$/-])/(?:work|tmp|root)/\S*|\S*(?:artifactory|nexus)\S*", text)
    assert not found


@pytest.mark.parametrize("path", WRITTEN, ids=_name)
def test_documents_are_spelled_the_british_way_and_call_nothing_simple(path: Path) -> None:
    prose = re.sub(r"`[^`]*`", "", _FENCE.sub("", path.read_text(encoding="utf-8")))
    banned = r"\b(simply|organization|behavior|color|utilize|initialize)\b"
    assert not re.findall(banned, prose, re.IGNORECASE)


def test_no_help_shows_an_escape_that_nobody_read() -> None:
    shown = (_GENERATED / "command-line.md").read_text(encoding="utf-8")
    assert "\\b" not in shown


def test_every_decision_has_its_own_number_and_its_line() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    numbers = [int(path.name[:4]) for path in pages]
    assert numbers == list(range(1, len(pages) + 1))
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    for number, path in zip(numbers, pages, strict=True):
        assert f"]({path.name})" in index, f"{path.name} is not in the index"
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. ")


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    rooms = ("tutorials", "howto", "explanation", "reference")
    for path in (page for room in rooms for page in (ROOT / "docs" / room).iterdir()):
        assert f"({path.relative_to(ROOT / 'docs')})" in index, f"{path.name} is not in the index"
