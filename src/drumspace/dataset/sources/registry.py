"""The fetcher of each kind of source."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from drumspace.dataset.sources.record import Context, Fetched
from drumspace.io.registry import Registry

KINDS = Registry("drumspace.dataset.sources.kinds", "kind of source", "sources.<name>.kind")


def fetcher(kind: str) -> Callable[[Any, Path, Context], Fetched]:
    """`fetch(source, out, context)` of the kind's module: fills the folder `out`, raises Unavailable."""
    function: Callable[[Any, Path, Context], Fetched] = KINDS.load(kind).fetch
    return function
