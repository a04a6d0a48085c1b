"""The part of identity that needs only the database: people, passwords, the first administrator."""

from dataclasses import dataclass

from labpass_server.app import bridges
from labpass_server.hashing import passwords as hashing
from labpass_server.identity import passwords, set_up
from labpass_server.storage import database


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Made once; ``hasher`` is closed by whoever made it."""

    hasher: hashing.Passwords
    passwords: passwords.Passwords
    set_up: set_up.SetUp


def join(store: database.Database) -> Household:
    """Make it over one database."""
    hasher = hashing.Passwords(hashing.calibrate())
    checked = passwords.Passwords(store, hasher)
    return Household(
        hasher=hasher, passwords=checked, set_up=set_up.SetUp(store, checked, bridges.found)
    )
