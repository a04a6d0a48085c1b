from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import script

from labpass_server.storage import database, migration, revision


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return database.Database(f"sqlite:///{tmp_path}/labpass.db").engine


def test_the_newest_step_is_the_one_we_know() -> None:
    folder = Path(migration.__file__).parent / "migrations"
    assert script.ScriptDirectory(str(folder)).get_current_head() == revision.HEAD


def test_an_empty_database_is_not_current(engine: sa.Engine) -> None:
    assert not revision.is_current(engine)
    engine.dispose()


def test_a_migrated_database_is_current(engine: sa.Engine) -> None:
    migration.migrate(engine)
    assert revision.is_current(engine)
    engine.dispose()


def test_any_other_revision_is_left_to_the_migration(engine: sa.Engine) -> None:
    migration.migrate(engine)
    with engine.execution_options(is_write=True).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert not revision.is_current(engine)
    engine.dispose()
