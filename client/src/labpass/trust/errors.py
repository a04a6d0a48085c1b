"""What this room refuses; it imports nothing of ours, so it carries its own errors."""


class Invalid(ValueError):
    """A value that no API server may be told. ``field`` is a path as in ``jwt[0].issuer.url``."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotExpressible(ValueError):
    """A sound configuration that this distribution or version has no way to say."""
