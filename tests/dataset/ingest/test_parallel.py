"""Parallel maps keep the order of items; an item that hangs, crashes or takes too much memory costs no other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import LocalCluster

from drumspace.audio.decode.guarded import CRASHED, Failure
from drumspace.audio.decode.settings import DecodeParams
from drumspace.dataset.ingest import parallel
from drumspace.dataset.ingest.parallel import batched, map_ahead, map_in_order
from drumspace.errors import UserError

LIMITS = DecodeParams(seconds_per_file=0.5, seconds_per_megabyte=1, memory_megabytes=300)
CRASH = "__import__('os').abort()"
HANG = "__import__('time').sleep(60)"


def results(items: list[str], **options: object) -> list[object]:
    """Evaluate Python expressions with map_in_order."""
    return list(map_in_order(eval, items, lambda item: 0, LIMITS, **options))


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order(jobs: int) -> None:
    count = parallel.TASK * (parallel.AHEAD + 2)
    assert results([f"2 * {number}" for number in range(count)], jobs=jobs) == [2 * number for number in range(count)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_only_the_items_that_hang_or_crash_are_lost(jobs: int) -> None:
    items = [str(number) for number in range(100)]
    items[13], items[14], items[99] = CRASH, HANG, CRASH
    got = results(items, jobs=jobs)
    assert got[13] == got[99] == Failure(CRASHED)
    assert isinstance(got[14], Failure) and "took more than 0.5 s" in got[14].reason
    assert [result for result in got if not isinstance(result, Failure)] == [*range(13), *range(15, 99)]


@pytest.mark.parametrize("processes", [False, True], ids=["threads", "daemonic processes"])
def test_a_dask_cluster_gives_the_same_results(processes: bool) -> None:
    items = [str(number) for number in range(70)]
    items[13], items[40] = CRASH, HANG
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=processes, dashboard_address=None, host="tcp://127.0.0.1"
    ) as cluster:
        got = results(items, dask_address=cluster.scheduler_address)
    assert got == results(items, jobs=2)


def test_an_unreachable_scheduler_address_raises_an_error() -> None:
    with pytest.raises(UserError, match=r"ingest\.dask_address"):
        results(["1"], dask_address="nonsense://nowhere")


def test_no_more_items_are_taken_than_the_window_holds() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(2) as pool:
        for count, result in enumerate(map_ahead(pool, lambda number: -number, items(), ahead=5), start=1):
            assert result == 1 - count
            assert len(taken) <= count + 4
    assert len(taken) == 100


def test_an_error_ends_the_map_without_the_items_that_wait() -> None:
    done: list[int] = []

    def work(number: int) -> int:
        done.append(number)
        return 1 // (number - 2)

    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        list(map_ahead(pool, work, range(100), ahead=4))
    assert len(done) < 10


def test_batches_hold_all_items_in_order() -> None:
    assert list(batched(iter(range(7)), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batched([], 3)) == []
