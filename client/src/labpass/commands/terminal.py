"""Makes a container's lines safe to print.

Whoever can run a job writes its log; a log that somebody else reads must not be able to move their
cursor, set the title or the clipboard of their terminal, or hide what it says.
"""

import re
from typing import Final

_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS and their like, up to their end
    r"|\x1b[ -/]*[0-~]"  # the short ones
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI as one sign
)


def harmless(line: str) -> str:
    """Return the line without escape sequences; other control characters become visible."""
    bare = _SEQUENCE.sub("", line).rstrip("\r")
    return "".join(
        sign if sign == "\t" or sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in bare
    )
