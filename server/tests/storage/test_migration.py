from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import autogenerate
from alembic.runtime import migration as runtime

from labpass_server.model import errors
from labpass_server.storage import database, migration, schema


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return database.Database(f"sqlite:///{tmp_path}/labpass.db").engine


def test_the_migrated_schema_is_the_declared_one(engine: sa.Engine) -> None:
    migration.migrate(engine)
    with engine.begin() as connection:
        context = runtime.MigrationContext.configure(connection, opts={"compare_type": True})
        assert autogenerate.compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(engine: sa.Engine) -> None:
    migration.migrate(engine)
    migration.migrate(engine)
    engine.dispose()


def test_a_database_of_a_newer_program_is_refused(engine: sa.Engine) -> None:
    migration.migrate(engine)
    with engine.execution_options(is_write=True).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(errors.Conflict, match="newer"):
        migration.migrate(engine)
    engine.dispose()
