"""Brings a database to this program's schema, and refuses one that is newer."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command, config, script
from alembic.runtime import migration

from labpass_server.model import errors

_LOCK: Final = 0x6C6162  # any number, the same in every replica: "lab"


def migrate(engine: sa.Engine) -> None:
    """Apply the steps that are missing, all or none; replicas starting together take turns.

    Raises `Conflict` when the database was written by a newer program.
    """
    settings = _settings()
    with engine.execution_options(is_write=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _refuse_newer(connection, settings)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def _settings() -> config.Config:
    settings = config.Config()
    folder = str(Path(__file__).parent / "migrations")
    settings.set_main_option("script_location", folder.replace("%", "%%"))
    return settings


def _refuse_newer(connection: sa.Connection, settings: config.Config) -> None:
    known = {
        step.revision for step in script.ScriptDirectory.from_config(settings).walk_revisions()
    }
    found = set(migration.MigrationContext.configure(connection).get_current_heads())
    if found - known:
        raise errors.Conflict(
            "the database was written by a newer labpass-server; upgrade this one"
        )
