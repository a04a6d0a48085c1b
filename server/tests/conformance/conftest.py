from collections.abc import Iterator
from pathlib import Path

import pytest

from labpass_server.storage import database, migration


@pytest.fixture(
    params=["memory", "file", pytest.param("postgresql", marks=pytest.mark.slow)], name="db"
)
def every_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[database.Database]:
    """The same suite over every database that Labpass runs on."""
    urls = {"memory": "sqlite://", "file": f"sqlite:///{tmp_path}/labpass.db"}
    url = urls.get(request.param) or request.getfixturevalue("postgres_url")
    opened = database.Database(url)
    migration.migrate(opened.engine)
    yield opened
    opened.close()
