"""A profile's name: what keeps one sign-in apart from another at the same server.

It stands in file keys, in kubeconfigs and in commands that people paste, so it is plain.
"""

import re
from typing import Final

from labpass.problems import UsageProblem

DEFAULT: Final = "default"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,62}")


def check(name: str) -> str:
    """Return the name. Raises `UsageProblem` for one that would need quoting anywhere."""
    if NAME.fullmatch(name):
        return name
    raise UsageProblem(
        "A profile's name is up to 63 letters, digits, dots, dashes, _ and @.",
        hint="Such as: --profile work (or LABPASS_PROFILE)",
    )


def command(words: str, profile: str) -> str:
    """Return a command of ours to paste, for this profile."""
    return f"labpass {words}" if profile == DEFAULT else f"labpass --profile {profile} {words}"
