"""Where things lie. The one place of the client that knows the folder variables.

$LABPASS_HOME/{config.json,cred,sess,locks}           when it is set, else
$XDG_CONFIG_HOME/labpass/config.json                  (default ~/.config)
$XDG_STATE_HOME/labpass/{cred,sess,locks}             (default ~/.local/state)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labpass.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The two folders of one person: settings they may read and copy, and state they may not."""

    config: Path
    state: Path

    @property
    def credentials(self) -> Path:
        """Rendered documents for kubectl."""
        return self.state / "cred"

    @property
    def sessions(self) -> Path:
        """Refresh tokens; never opened on the plugin's fast path."""
        return self.state / "sess"

    @property
    def locks(self) -> Path:
        """Lock files, apart from what they guard: Windows cannot replace a locked file."""
        return self.state / "locks"


def find(environment: Mapping[str, str]) -> Folders:
    """Return the folders that this environment names. Relative names in it are ignored."""
    own = _absolute(environment, "LABPASS_HOME")
    if own is not None:
        return Folders(config=own, state=own)
    config = _absolute(environment, "XDG_CONFIG_HOME") or _home(environment) / ".config"
    state = _absolute(environment, "XDG_STATE_HOME") or _home(environment) / ".local" / "state"
    return Folders(config=config / "labpass", state=state / "labpass")


def _absolute(environment: Mapping[str, str], name: str) -> Path | None:
    """Read one variable. The XDG specification tells programs to ignore relative values."""
    value = environment.get(name, "")
    return Path(value) if value and Path(value).is_absolute() else None


def _home(environment: Mapping[str, str]) -> Path:
    home = _absolute(environment, "HOME") or _absolute(environment, "USERPROFILE")
    if home is None:
        raise Problem(
            "There is no home folder to keep a sign-in in: HOME is not set.",
            hint="Set HOME, or LABPASS_HOME to a folder of your own.",
        )
    return home
