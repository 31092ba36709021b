"""Parallel map over files with joblib: in decoder processes that a file can't stop, with limited memory."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TypeVar

import joblib

from drumspace.audio.decode.guarded import Failure, close_processes, run_guarded
from drumspace.audio.decode.settings import DecodeParams
from drumspace.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")
TASK = 32
"""Number of items per task, large enough to make the overhead of a task negligible."""
ROUND = 32
"""Number of tasks sent to the workers before their results are read; it limits the memory."""


def map_in_order(
    function: Callable[[Item], Result],
    items: Sequence[Item],
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
    tasks = [items[start : start + TASK] for start in range(0, len(items), TASK)]
    work = functools.partial(run_guarded, function, limits=limits)
    with ExitStack() as stack:
        if dask_address:
            _connect(dask_address, stack)
            parallel = functools.partial(joblib.Parallel, n_jobs=-1)
        else:
            stack.callback(close_processes)
            parallel = functools.partial(joblib.Parallel, n_jobs=jobs or joblib.cpu_count(), backend="threading")
        for start in range(0, len(tasks), ROUND):
            # joblib's automatic batches grow to 0.2 s each: one worker would finish long after the others.
            run = parallel(return_as="generator", batch_size=1, pre_dispatch="all")
            calls = (joblib.delayed(work)(task, [size(item) for item in task]) for task in tasks[start : start + ROUND])
            for results in run(calls):
                yield from results


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
