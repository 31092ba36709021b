"""Settings of glibc's allocator, so that freed memory is reused instead of returned to the system."""

import ctypes
import platform
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
KEPT = 1 << 30
"""Free bytes that the process keeps."""
MAPPED = 1 << 25
"""Size from which allocations are memory-mapped, bytes: the largest that glibc allows."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to KEPT free bytes for the rest of the process; no effect with another C library.

    Otherwise the pages of freed tensors of some megabytes are returned to the system and cleared again for the next
    tensor, which takes a third of the time of decoding.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, MAPPED)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
