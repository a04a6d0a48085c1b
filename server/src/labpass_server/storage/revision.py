"""Whether a database already has this program's schema: one question, asked without Alembic.

Alembic is a third of a second and 10 MB for a process that needs it once in a release.
"""

from typing import Final

import sqlalchemy as sa

HEAD: Final = "0002"
"""The newest step in `migrations`; a test compares them."""

_TABLE: Final = sa.table("alembic_version", sa.column("version_num"))


def is_current(engine: sa.Engine) -> bool:
    """Tell whether there is nothing to do and nothing to refuse."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(_TABLE.name):
            return False
        return connection.execute(sa.select(_TABLE.c.version_num)).scalars().all() == [HEAD]
