"""One transaction: a connection, and one attribute for each group of tables."""

from typing import Final

import sqlalchemy as sa

from labpass_server.storage import people


class Transaction:
    """What a unit of work is given. Each attribute is a small class in a file of its own."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection: Final = connection

    @property
    def people(self) -> people.People:
        """Return the people of this installation."""
        return people.People(self.connection)
