"""A value that must not be shown by accident."""

import hmac
from typing import Final


class Secret:
    """Holds a secret text; ``repr`` and ``str`` show nothing, `reveal` can be searched for."""

    __slots__ = ("_value",)
    SHOWN: Final = "Secret(***)"

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself. Each call is a place to look at in a review."""
        return self._value

    def equals(self, other: "Secret") -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self._value.encode(), other.reveal().encode())

    def __repr__(self) -> str:
        return self.SHOWN

    __str__ = __repr__
