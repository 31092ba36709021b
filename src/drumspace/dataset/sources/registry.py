"""Registry of the kinds of sources."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from drumspace.dataset.sources.record import Context, Fetched
from drumspace.io.registry import Registry

KINDS = Registry("drumspace.dataset.sources.kinds", "kind of source", "sources.<name>.kind")


def fetcher(kind: str) -> Callable[[Any, Path, Context], Fetched]:
    """Return a kind's function `fetch(source, out, context)`, which fills the folder `out` or raises Unavailable."""
    function: Callable[[Any, Path, Context], Fetched] = KINDS.load(kind).fetch
    return function
