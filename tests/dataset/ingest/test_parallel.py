"""Parallel maps keep the order of items and survive the crash of a worker."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from types import ModuleType

import pytest
from distributed import LocalCluster

from drumspace.dataset.ingest import parallel
from drumspace.dataset.ingest.parallel import map_in_order
from drumspace.errors import UserError


def doubler() -> Callable[[Sequence[int]], list[int]]:
    """Function that doubles items and kills its process at 13. It is nested, so that it is pickled by value."""

    def double(items: Sequence[int]) -> list[int]:
        for item in items:
            if item == 13:
                os.kill(os.getpid(), signal.SIGKILL)
        return [2 * item for item in items]

    return double


def crashed(item: int) -> int:
    """Result for an item that crashed its worker."""
    return -item


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order(jobs: int) -> None:
    items = list(range(100, 100 + parallel.TASK * (parallel.ROUND + 2)))
    assert list(map_in_order(doubler(), items, crashed, jobs)) == [2 * item for item in items]


def test_only_the_item_that_crashes_its_worker_is_lost() -> None:
    results = list(map_in_order(doubler(), list(range(70)), crashed, jobs=2))
    assert results == [-13 if item == 13 else 2 * item for item in range(70)]


def test_an_error_at_the_start_of_a_worker_is_raised() -> None:
    def vanished(items: Sequence[int]) -> list[int]:
        return list(items)

    vanished.__module__, vanished.__qualname__ = "no_such_module", "vanished"
    sys.modules["no_such_module"] = module = ModuleType("no_such_module")
    vars(module)["vanished"] = vanished
    try:
        with pytest.raises(BrokenProcessPool, match="un-serialize"):
            list(map_in_order(vanished, list(range(4)), crashed, jobs=2))
    finally:
        del sys.modules["no_such_module"]


def test_a_dask_cluster_gives_the_same_results() -> None:
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, host="tcp://127.0.0.1"
    ) as cluster:
        results = list(map_in_order(doubler(), list(range(14, 114)), crashed, dask_address=cluster.scheduler_address))
    assert results == [2 * item for item in range(14, 114)]


def test_an_unreachable_scheduler_address_raises_an_error() -> None:
    with pytest.raises(UserError, match=r"ingest\.dask_address"):
        list(map_in_order(doubler(), [1], crashed, dask_address="nonsense://nowhere"))
