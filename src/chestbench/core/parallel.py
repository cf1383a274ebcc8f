"""A map over all cores that keeps order and holds only a bounded number of results."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from chestbench.core import budget

Item = TypeVar("Item")
Result = TypeVar("Result")


def core_count() -> int:
    """Return the number of cores this process may use (its affinity mask where the system has one)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int | None = None, ahead: int = 4
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in order, computed by threads.

    Threads suffice because what images need (inflate, decode, resize, SHA-256) releases the interpreter lock.
    At most `workers * ahead` results exist at a time, so memory does not grow with the number of items; files and
    pictures of many megabytes wait for one another (budget.py).

    Args:
        function: called in a worker thread; its exception is raised here, at its item's turn.
        items: consumed lazily.
        workers: threads; all cores of this process by default.
        ahead: how many items per worker may be waiting or finished ahead of the consumer.
    """

    def piece_of_work(item: Item) -> Result:
        with budget.work():
            return function(item)

    workers = workers or core_count()
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="chestbench")
    try:
        for item in items:
            pending.append(pool.submit(piece_of_work, item))
            if len(pending) >= workers * ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
