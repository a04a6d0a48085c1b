"""Several things at once, where one that fails stops the others."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from testbed.processes import Processes


@contextlib.contextmanager
def pool(workers: int, processes: Processes) -> Iterator[ThreadPoolExecutor]:
    """Run things in threads for the length of a ``with`` block.

    Whatever goes wrong ends the processes first: a thread that waits for one of them then stops
    waiting at once, rather than when its time is over.
    """
    found = ThreadPoolExecutor(max_workers=workers)
    try:
        yield found
    except BaseException:
        processes.close()
        raise
    finally:
        found.shutdown(cancel_futures=True)
