"""The one error of this room."""


class InvalidWorkload(ValueError):
    """A workload that no API server has to be asked about.

    ``field`` is the path as a person wrote it (``--memory``, ``spec.template``), ``reason`` says
    what is wrong and, where it can be guessed, what was meant.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
