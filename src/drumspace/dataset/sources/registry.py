"""From a kind of source to the module that fetches it: as text, so that only what is used is imported."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from drumspace.dataset.sources.record import Context, Fetched

MODULES = {
    "folder": "drumspace.dataset.sources.folder",
    "pip": "drumspace.dataset.sources.pip",
    "npm": "drumspace.dataset.sources.npm",
    "deb": "drumspace.dataset.sources.deb",
    "synth": "drumspace.dataset.sources.synth",
}


def fetcher(kind: str) -> Callable[[Any, Path, Context], Fetched]:
    """`fetch(source, out, context)` of the kind's module: fills the folder `out`, raises Unavailable."""
    function: Callable[[Any, Path, Context], Fetched] = import_module(MODULES[kind]).fetch
    return function
