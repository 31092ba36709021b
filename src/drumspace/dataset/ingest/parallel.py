"""Parallel map over files, in decoder processes that a file can't stop, with limited memory."""

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import TypeVar

import joblib

from drumspace.audio.decode.guarded import Failure, close_processes, run_guarded
from drumspace.audio.decode.settings import DecodeParams
from drumspace.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")
TASK = 32
"""Number of items per task, large enough to make the overhead of a task negligible."""
AHEAD = 16
"""Number of tasks that may run, or be done, before the results of the first are read; it limits the memory."""


def map_in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    size: Callable[[Item], int],
    limits: DecodeParams,
    jobs: int | None = None,
    dask_address: str | None = None,
) -> Iterator[Result | Failure]:
    """Results of all items, in the order of the items, for any number of processes.

    `function` must be importable; `size` gives the bytes of an item. An item that exceeds `limits` or crashes its
    process has a Failure as its result. `jobs`: number of decoder processes; None: one per core. With `dask_address`
    each thread of that cluster's workers has one. Raises UserError where the cluster fails.
    """
    work = functools.partial(run_guarded, function, limits=limits)
    tasks = ((task, [size(item) for item in task]) for task in batched(items, TASK))
    with ExitStack() as stack:
        if dask_address:
            _connect(dask_address, stack)
            results = _map_on_cluster(work, tasks)
        else:
            stack.callback(close_processes)
            processes = jobs or joblib.cpu_count()
            pool = stack.enter_context(ThreadPoolExecutor(processes))
            results = map_ahead(pool, lambda task: work(*task), tasks, max(AHEAD, 2 * processes))
        for each in results:
            yield from each


def map_ahead(
    pool: Executor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """Results in the order of the items. At most `ahead` items more than were yielded are submitted to the pool."""
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) >= ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items; the last one may be shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _map_on_cluster(
    work: Callable[..., list[Result | Failure]], tasks: Iterable[tuple[list[Item], list[int]]]
) -> Iterator[list[Result | Failure]]:
    """Results of each task, by joblib's Dask backend, which hands out all tasks that it gets: a few at a time."""
    for some in batched(tasks, 2 * AHEAD):
        run = joblib.Parallel(n_jobs=-1, return_as="generator", batch_size=1, pre_dispatch="all")
        yield from run(joblib.delayed(work)(*task) for task in some)


def _connect(address: str, stack: ExitStack) -> None:
    """Make joblib use the Dask cluster at `address`. Raises UserError if no scheduler answers there."""
    from distributed import Client

    try:
        stack.enter_context(Client(address, set_as_default=True))
    except (OSError, ValueError) as error:
        raise UserError(
            f"No Dask scheduler answers at {address}: start one there, or set"
            f" `ingest.dask_address` in params.yaml to its address, or to null for processes here."
        ) from error
    stack.enter_context(joblib.parallel_config(backend="dask"))
