"""How memory that is freed is kept for the next who asks."""

import ctypes
import platform
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Of mallopt(3)."""
KEPT = 1 << 30
MAPPED = 1 << 25
"""glibc's greatest."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to KEPT bytes that are free, where it is what allocates: for the rest of the process.

    Else tensors of some megabytes go back to the system when freed, and each of their pages is cleared when the next
    tensor is written to: a third of the time it takes to render sounds.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, MAPPED)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
