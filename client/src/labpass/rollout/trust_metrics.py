"""What an API server's own metrics say about the configuration that it runs."""

import re
from dataclasses import dataclass
from typing import Final

_PREFIX: Final = "apiserver_authentication_config_controller_"
_LINE: Final = re.compile(rf"{_PREFIX}(\w+)\{{([^}}]*)\}} ([0-9.eE+]+)")
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloads:
    """How often a changed file was taken or refused since the start, and what runs.

    ``hashes`` are of the file's bytes, ``sha256:<hex>``; none below 1.34.
    """

    hashes: tuple[str, ...] = ()
    successes: int = 0
    failures: int = 0


def parse(metrics: str) -> Reloads:
    """Read the text of ``/metrics``; what is not there counts as zero."""
    hashes: list[str] = []
    counted = {"success": 0, "failure": 0}
    for name, labels, value in _LINE.findall(metrics):
        given = dict(_LABEL.findall(labels))
        if name == "last_config_info":
            hashes.append(given.get("hash", ""))
        elif name == "automatic_reloads_total" and given.get("status") in counted:
            counted[given["status"]] += int(float(value))
    return Reloads(hashes=tuple(hashes), successes=counted["success"], failures=counted["failure"])
