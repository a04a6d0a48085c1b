"""What the testbed says instead of a traceback."""


class Problem(Exception):
    """Something a person can act on; the words are shown as they are."""
