"""Messages between a process and its decoder processes: pickled objects over pipes, with a time limit."""

import os
import pickle
import select
import struct
import time
from typing import Any

_HEAD = struct.Struct("<Q")


class Ended(Exception):
    """The process at the other end of a pipe has ended."""


def send(descriptor: int, message: Any) -> None:
    """Write a message. Raises Ended."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    view = memoryview(_HEAD.pack(len(data)) + data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except (BrokenPipeError, ConnectionResetError):
        raise Ended from None


def receive(descriptor: int, seconds: float | None = None) -> Any:
    """Read a message. Raises Ended, and TimeoutError if it is not complete after `seconds`."""
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = _HEAD.unpack(_read(descriptor, _HEAD.size, deadline))
    return pickle.loads(_read(descriptor, length, deadline))


def _read(descriptor: int, count: int, deadline: float | None) -> bytearray:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    data = bytearray()
    while len(data) < count:
        if deadline is not None and not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        part = os.read(descriptor, min(count - len(data), 1 << 20))
        if not part:
            raise Ended
        data += part
    return data
