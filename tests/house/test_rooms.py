"""The rooms on disk are the rooms of ARCHITECTURE.md, and the pure ones stay pure."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client/src"
SERVER = ROOT / "server/src"

# What a pure part may import beside itself. An allow-list: a list of forbidden modules once let os,
# time and threading through.
PURE_STANDARD_LIBRARY = {
    "__future__",
    "base64",
    "binascii",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "textwrap",
    "types",
    "typing",
    "urllib.parse",
}
PURE = {
    "labpass.trust": CLIENT / "labpass/trust",
    "labpass.cluster": CLIENT / "labpass/cluster",
    "labpass.kubeconfig.document": CLIENT / "labpass/kubeconfig/document.py",
    "labpass.workloads.kinds": CLIENT / "labpass/workloads/kinds",
    "labpass_server.model": SERVER / "labpass_server/model",
}
# The server's model speaks of what the client's pure parts define, and of nothing else outside it.
ALSO = {
    "labpass_server.model": (
        "labpass.cluster",
        "labpass.secret",
        "labpass.trust",
        "labpass.workloads.kinds",
        "labpass_server.kit",
    )
}
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "common",
    "manager",
    "core",
    "base",
    "misc",
    "service",
    "helpers",
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole name of what you import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("part", PURE)
def test_a_pure_part_imports_only_what_cannot_touch_the_world(part: str) -> None:
    place = PURE[part]
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    assert files, f"{part} is not where this test looks for it"
    allowed = (part, *ALSO.get(part, ()))
    for file in files:
        foreign = {
            name
            for name in _imports(file)
            if name not in PURE_STANDARD_LIBRARY
            and not any(name == own or name.startswith(f"{own}.") for own in allowed)
            and not (name in sys.builtin_module_names and name == "typing")
            and name not in {own.rpartition(".")[0] for own in allowed}
        }
        assert not foreign, f"{file.relative_to(ROOT)} imports {sorted(foreign)}"


def test_the_architecture_page_names_exactly_the_rooms_on_disk() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    row = r"^\| `(labpass_credential|labpass(?:_server)?\.\w+)` \|"
    named = set(re.findall(row, page, re.MULTILINE))
    on_disk = {"labpass_credential"}
    for source, package in ((CLIENT, "labpass"), (SERVER, "labpass_server")):
        for entry in (source / package).iterdir():
            if entry.name.startswith("_"):
                continue
            if entry.suffix == ".py" or (entry / "__init__.py").exists():
                on_disk.add(f"{package}.{entry.stem}")
    assert named == on_disk


def test_no_module_hides_behind_a_name_that_says_nothing() -> None:
    modules = [
        path
        for source in (CLIENT, SERVER, ROOT / "testbed/src")
        for path in source.rglob("*.py")
        if path.stem in FORBIDDEN_NAMES
    ]
    assert not modules


def test_every_package_says_what_it_owns() -> None:
    for source in (CLIENT, SERVER, ROOT / "testbed/src"):
        for path in source.rglob("__init__.py"):
            if "migrations" in path.parts:
                continue
            assert ast.get_docstring(ast.parse(path.read_text())), path
