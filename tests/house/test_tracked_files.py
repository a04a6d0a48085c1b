"""What is committed serves everybody: no address in a lock file, no path of one machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def test_the_lock_carries_versions_and_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    requirements = re.findall(r"^[a-z0-9].*==.*$", text, re.MULTILINE)
    assert requirements
    for line in requirements:
        assert line.endswith("\\"), f"no hash follows {line}"


def test_no_tracked_file_holds_a_private_key() -> None:
    marker = re.compile(rb"-----BEGIN (RSA |EC |ENCRYPTED )?PRIVATE KEY-----\n[A-Za-z0-9+/]")
    assert not [path for path in _tracked() if marker.search(path.read_bytes())]


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    home = re.compile(rb"(?<![\w.-])/(root|home/[a-z]+)/")
    offenders = [
        path.relative_to(ROOT)
        for path in _tracked()
        if "vendor" not in path.parts and home.search(path.read_bytes())
    ]
    assert not offenders
