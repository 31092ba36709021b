"""Parallel map over files with joblib that tolerates crashed workers and limits the memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TypeVar

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from drumspace.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")
TASK = 32
"""Number of items per task, large enough to make the overhead of a task negligible."""
ROUND = 32
"""Number of tasks sent to the workers before their results are read; it limits the memory."""


def map_in_order(
    function: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    crashed: Callable[[Item], Result],
    jobs: int | None = None,
    dask_address: str | None = None,
) -> Iterator[Result]:
    """Results of all items, in the order of the items, for any number of workers.

    `function` takes some items and returns as many results. It must be importable; workers start when its imports are
    done. `jobs` None: one process per core, at least 2, so that a crash of a decoder never ends this process; 1: this
    process alone. With `dask_address` the workers of that cluster are used. If a worker dies, its items are tried again
    one by one, and `crashed` gives the result of an item that kills its worker.
    """
    tasks = [items[start : start + TASK] for start in range(0, len(items), TASK)]
    jobs = -1 if dask_address else jobs or max(2, joblib.cpu_count())
    with ExitStack() as stack:
        deaths: tuple[type[Exception], ...] = (TerminatedWorkerError,)
        if dask_address:
            from distributed import Client
            from distributed.scheduler import KilledWorker

            deaths = (KilledWorker,)
            try:
                stack.enter_context(Client(dask_address, set_as_default=True))
            except (OSError, ValueError) as error:
                raise UserError(
                    f"No Dask scheduler answers at {dask_address}: start one there, or set"
                    f" `ingest.dask_address` in params.yaml to its address, or to null for processes here."
                ) from error
            stack.enter_context(joblib.parallel_config(backend="dask"))
        for start in range(0, len(tasks), ROUND):
            todo = tasks[start : start + ROUND]
            done = 0
            try:
                # joblib's automatic batches grow to 0.2 s each: one worker would finish long after the others.
                parallel = joblib.Parallel(n_jobs=jobs, return_as="generator", batch_size=1, pre_dispatch="all")
                for results in parallel(joblib.delayed(function)(task) for task in todo):
                    done += 1
                    yield from results
            except deaths:
                for item in (item for task in todo[done:] for item in task):
                    yield _alone(function, item, crashed, deaths, jobs)


def _alone(
    function: Callable[[Sequence[Item]], list[Result]],
    item: Item,
    crashed: Callable[[Item], Result],
    deaths: tuple[type[Exception], ...],
    jobs: int,
) -> Result:
    try:
        results: list[list[Result]] = joblib.Parallel(n_jobs=jobs)([joblib.delayed(function)([item])])
        return results[0][0]
    except deaths:
        return crashed(item)
