"""Runs units of work, sync functions over a `Transaction`, on worker threads over one database.

SQLite has one writer, PostgreSQL several; a unit of work never reaches the network and is never
retried. Foreign errors become ours here and nowhere else.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc, pool

from labpass_server.model import errors
from labpass_server.storage import transaction, writer

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
Work = Callable[[transaction.Transaction], T]

READERS: Final = 4
POSTGRESQL_WRITERS: Final = 8
_HIDDEN: Final = True  # else an error in the log holds the row: password hashes, states, addresses
_ANY_THREAD: Final = {"check_same_thread": False}  # the pool gives a connection to one at a time


class Database:
    """One database: ``sqlite://`` (in memory), ``sqlite:////path`` or ``postgresql+psycopg://…``."""

    def __init__(self, url: str) -> None:
        self.engine: Final = _engine(sa.make_url(url))
        self._is_sqlite: Final = self.engine.dialect.name == "sqlite"
        self._shares_one: Final = _is_in_memory(self.engine.url)
        self._writer: Final = writer.Writer(self.engine.execution_options(is_write=True))
        self._writers: Final = ThreadPoolExecutor(POSTGRESQL_WRITERS, "database-write")
        self._readers: Final = ThreadPoolExecutor(READERS, "database-read")

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction that must not write."""
        if self._shares_one:
            return await self.write(work)
        return await asyncio.wrap_future(self._readers.submit(self._run, work))

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction and commit it; any exception undoes all of it."""
        with _translated():
            return await asyncio.wrap_future(self._submit(work))

    def write_now(self, work: Work[T]) -> T:
        """Do as `write`, and wait: for programs without a loop, such as ``admin create``."""
        with _translated():
            return self._submit(work).result()

    def close(self) -> None:
        """Finish what runs, then let go of every connection."""
        self._writer.shutdown()
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()

    def _submit(self, work: Work[T]) -> "Future[T]":
        if self._is_sqlite:
            return self._writer.submit(lambda connection: work(transaction.Transaction(connection)))
        return self._writers.submit(self._run, work)

    def _run(self, work: Work[T]) -> T:
        with _translated(), self.engine.begin() as connection:
            return work(transaction.Transaction(connection))


@contextmanager
def _translated() -> "Iterator[None]":
    try:
        yield
    except exc.IntegrityError as error:
        raise errors.Conflict("something with that name exists, or is still in use") from error
    except (exc.DBAPIError, exc.TimeoutError) as error:
        raise errors.Unavailable("the database") from error


def _is_in_memory(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(
            url,
            pool_size=READERS + POSTGRESQL_WRITERS,
            pool_timeout=10,
            hide_parameters=_HIDDEN,
        )
    if _is_in_memory(url):
        engine = sa.create_engine(
            url, poolclass=pool.StaticPool, connect_args=_ANY_THREAD, hide_parameters=_HIDDEN
        )
    else:
        engine = sa.create_engine(
            url,
            pool_size=READERS + 1,
            pool_timeout=10,
            connect_args=_ANY_THREAD,
            hide_parameters=_HIDDEN,
        )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins too late for BEGIN IMMEDIATE; we say BEGIN.
    connection.isolation_level = None
    # FULL: what was answered survives a power failure, a withdrawn session above all.
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    is_write = connection.get_execution_options().get("is_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
