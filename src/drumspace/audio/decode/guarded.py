"""Decoding that no file can stop: in processes of its own, which are killed where a file exceeds its limits.

The processes are plain children (`subprocess`), so that any thread can start them, and the daemonic processes of
joblib and Dask, which multiprocessing does not allow to have children.
"""

import atexit
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from drumspace.audio.decode import worker
from drumspace.audio.decode.messages import Ended, receive, send
from drumspace.audio.decode.settings import DecodeParams

Item = TypeVar("Item")
Result = TypeVar("Result")
CRASHED = "the decoder crashed on it"
_START_SECONDS = 300.0
"""Longest start of a process, until its imports are done; they wait for slow disks."""
_GRACE_SECONDS = 2.0
"""Time after which the parent kills a process whose own alarm did not end it."""
_PIPE_BYTES = 1 << 20


@dataclass(frozen=True)
class Failure:
    """Reason for which an item has no result: one line, for quarantine.csv."""

    reason: str


def run_guarded(
    function: Callable[[Item], Result], items: Sequence[Item], sizes: Sequence[int], limits: DecodeParams
) -> list[Result | Failure]:
    """`function(item)` of each item, in a process of its own, or the Failure of an item that exceeded the limits.

    `function` and what it returns must be picklable. `sizes`: bytes of each item, from which its time limit follows.
    Raises RuntimeError, with the traceback, where `function` can't be imported or raises an error itself.
    """
    results: list[Result | Failure] = []
    while len(results) < len(items):
        process = _borrow(limits)
        try:
            for result in process.run(function, items[len(results) :], sizes[len(results) :]):
                results.append(result)
        except BaseException:
            process.kill()
            raise
        _give_back(process)
    return results


def start_processes(function: Callable[..., Any], count: int, limits: DecodeParams) -> None:
    """Start `count` processes that import `function`, without waiting: they are ready when run_guarded needs them."""
    for _ in range(count):
        threading.Thread(target=_start, args=(function, limits), daemon=True).start()


def _start(function: Callable[..., Any], limits: DecodeParams) -> None:
    process = _Process(limits)
    with contextlib.suppress(RuntimeError):  # run_guarded starts one itself, and reports why that fails
        list(process.run(function, [], []))
    _give_back(process)


class _Process:
    """A decoder process and its pipes."""

    def __init__(self, limits: DecodeParams) -> None:
        """Start the process."""
        self.limits, self.parent = limits, os.getpid()
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        with contextlib.suppress(OSError):  # only faster
            fcntl.fcntl(replies, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        paths = os.pathsep.join(path for path in sys.path if path)
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        arguments = (requests, replies, self.parent, limits.memory_megabytes)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", worker.__name__, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(requests, replies),
                env=os.environ | {"PYTHONPATH": paths} | threads,
            )
        except BaseException:
            os.close(self._requests)
            os.close(self._replies)
            raise
        finally:
            os.close(requests)
            os.close(replies)
        self.alive = True

    def run(self, function: Callable[[Any], Any], items: Sequence[Any], sizes: Sequence[int]) -> Iterator[Any]:
        """Yield results up to the first failure, which is yielded too; the process has then ended."""
        seconds = [self.limits.seconds(size) for size in sizes]
        try:
            send(self._requests, (function, items, seconds))
            self._reply(_START_SECONDS)
        except (Ended, TimeoutError):
            code = self.kill()
            raise RuntimeError(f"the decoder process did not start (exit code {code})") from None
        for limit in seconds:
            try:
                state, result = self._reply(limit + _GRACE_SECONDS)
            except (Ended, TimeoutError) as error:
                code = self.kill()
                late = code == -signal.SIGALRM or isinstance(error, TimeoutError)
                yield Failure(_late(limit) if late else CRASHED)
                return
            yield Failure(_heavy(self.limits.memory_megabytes)) if state == worker.MEMORY else result

    def _reply(self, seconds: float) -> tuple[str, Any]:
        state, result = receive(self._replies, seconds)
        if state == worker.ERROR:
            raise RuntimeError(f"an error in the decoder process:\n{result}")
        return state, result

    def kill(self) -> int:
        """End the process; return its exit code."""
        if self.alive:
            self.alive = False
            try:
                code = self._process.wait(0.05)  # its own end, whose code says why
            except subprocess.TimeoutExpired:
                self._process.kill()
                code = self._process.wait()
            os.close(self._requests)
            os.close(self._replies)
            return code
        return self._process.wait()


_idle: list[_Process] = []
_lock = threading.Lock()


def _borrow(limits: DecodeParams) -> _Process:
    """An idle process of this process with these limits, or a new one."""
    with _lock:
        for number, process in enumerate(_idle):
            if process.parent == os.getpid() and process.limits == limits:
                return _idle.pop(number)
    return _Process(limits)


def _give_back(process: _Process) -> None:
    if process.alive:
        with _lock:
            _idle.append(process)


@atexit.register
def close_processes() -> None:
    """End all idle processes that this process started. They start again when they are needed."""
    with _lock:
        processes = [process for process in _idle if process.parent == os.getpid()]
        _idle.clear()
    for process in processes:
        process.kill()


def _late(seconds: float) -> str:
    return f"decoding it took more than {seconds:.3g} s and was stopped: save it again as WAV, or raise the limit"


def _heavy(megabytes: int) -> str:
    return f"decoding it takes more than {megabytes} MB of memory and was stopped: save it again as WAV"
