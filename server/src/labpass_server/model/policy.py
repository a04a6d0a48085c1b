"""What an operator allows of the ways to sign in."""

from dataclasses import dataclass
from typing import Final

from labpass_server.model import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The switches. Signing in with a browser on the same machine is always there."""

    takes_passwords_from_terminal: bool = True
    signs_in_remotely: bool = True

    def require_terminal(self) -> None:
        """Raise `NotAllowed`, in words for a terminal, where passwords are for browsers alone."""
        if not self.takes_passwords_from_terminal:
            raise errors.NotAllowed(
                "passwords are not taken from a command line here;"
                " use labpass login --browser or --remote"
            )

    def require_remote(self) -> None:
        """Raise `NotAllowed`, in words for a terminal, where no other machine may be signed in."""
        if not self.signs_in_remotely:
            raise errors.NotAllowed(
                "signing in with a browser on another machine is switched off here;"
                " use labpass login --browser or --password"
            )


EVERYTHING: Final = Policy()
