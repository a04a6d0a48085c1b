"""The one writer of a SQLite file: works that wait together are committed together.

A commit waits for the disk, longer than all the rest of a small unit of work; so what has come in
meanwhile shares the next one. Each work has a savepoint of its own and fails alone; nobody is told
of success before the commit.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from labpass_server.model import errors

Job = Callable[[sa.Connection], Any]
MOST: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    job: Job
    future: "Future[Any]"


class Writer:
    """Runs jobs one after the other on a thread that starts with the first."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, job: Job) -> "Future[Any]":
        """Queue a job; the future is done when its commit is."""
        with self._lock:
            if self._is_closed:
                raise errors.Unavailable("the database: it is being closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="database-write")
                self._thread.start()
            future: Future[Any] = Future()
            self._queue.put(_Waiting(job, future))
        return future

    def shutdown(self) -> None:
        """Finish what is queued and end the thread."""
        with self._lock:
            self._is_closed = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = self._batch(first)
            self._commit([each for each in batch if each.future.set_running_or_notify_cancel()])

    def _batch(self, first: _Waiting) -> list[_Waiting]:
        batch = [first]
        while len(batch) < MOST and not self._queue.empty():
            following = self._queue.get()
            if following is None:
                self._queue.put(None)
                break
            batch.append(following)
        return batch

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        outcomes: list[tuple[_Waiting, Any, BaseException | None]] = []
        try:
            with self._engine.begin() as connection:
                if len(batch) == 1:
                    outcomes.append((batch[0], batch[0].job(connection), None))
                else:
                    outcomes.extend(_apart(connection, each) for each in batch)
        except BaseException as error:  # noqa: BLE001 -- handed to who waits for it
            outcomes = [(each, None, error) for each in batch]
        for waiting, result, failure in outcomes:
            if failure is None:
                waiting.future.set_result(result)
            else:
                waiting.future.set_exception(failure)


def _apart(
    connection: sa.Connection, waiting: _Waiting
) -> tuple[_Waiting, Any, BaseException | None]:
    """Run one of several: what it raises undoes its own changes alone."""
    try:
        with connection.begin_nested():
            return waiting, waiting.job(connection), None
    except BaseException as error:  # noqa: BLE001 -- handed to who waits for it
        return waiting, None, error
