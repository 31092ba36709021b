"""Decoder process: `python -m drumspace.audio.decode.worker IN OUT PARENT MEGABYTES`, started by guarded.py.

It reads (function, items, seconds) from the pipe IN and writes to OUT: 'ready', then function(item) for each item. A
decoder that hangs in C can't be interrupted, so the kernel's alarm ends this process; guarded.py starts another one.
"""

import os
import resource
import select
import signal
import sys
import traceback
from typing import Any

from drumspace.audio.decode.messages import Ended, receive, send

READY, RESULT, MEMORY, ERROR = "ready", "result", "memory", "error"
_PARENT_SECONDS = 5.0
"""Interval at which an idle process looks whether its parent still lives."""


def main() -> None:
    """Answer requests until the parent ends or closes the pipe."""
    requests, replies, parent, megabytes = (int(argument) for argument in sys.argv[1:])
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What mpg123 prints on damaged files goes nowhere; Python's own messages still reach the terminal.
    sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        while _wait(requests, parent):
            _answer(requests, replies, megabytes)
    except Ended:
        pass


def _answer(requests: int, replies: int, megabytes: int) -> None:
    try:
        function, items, seconds = receive(requests)
    except Ended:
        raise
    except Exception:
        send(replies, (ERROR, traceback.format_exc()))
        return
    _limit_memory(megabytes)
    send(replies, (READY, None))
    for item, limit in zip(items, seconds, strict=True):
        signal.setitimer(signal.ITIMER_REAL, limit)
        reply: tuple[str, Any]
        try:
            reply = (RESULT, function(item))
        except MemoryError:
            reply = (MEMORY, None)
        except Exception:
            reply = (ERROR, traceback.format_exc())
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(replies, reply)


def _limit_memory(megabytes: int) -> None:
    """Limit the address space once, when all imports are done, to what it takes now and `megabytes` more."""
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        limit = pages * resource.getpagesize() + megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _wait(requests: int, parent: int) -> bool:
    """Wait for a request; False if the parent has ended while another process still holds the pipe open."""
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    while not poll.poll(_PARENT_SECONDS * 1000):
        if os.getppid() != parent:
            return False
    return True


if __name__ == "__main__":
    main()
