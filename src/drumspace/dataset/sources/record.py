"""What passes between the stage and the kinds of sources."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drumspace.dataset.sources.cache import Cache


class Unavailable(Exception):
    """A source can't be had. The text goes on record: it names no path, time or host of this machine."""

    def __init__(self, reason: str, temporary: bool = False) -> None:
        """`temporary`: the cause may pass, trying again makes sense."""
        super().__init__(reason)
        self.temporary = temporary


@dataclass(frozen=True)
class Context:
    """What a kind of source may need beside its own params."""

    cache: Cache
    sample_rate: int
    """Hz, of sounds that are made."""
    num_samples: int
    """Their length."""
    report_progress: Callable[[str], None]
    """Called now and then with what is being done, for the progress bar."""
    retry_seconds: float = 1.0
    """Wait before the second of three tries; it doubles before the third."""


@dataclass(frozen=True)
class Fetched:
    """What a source gave."""

    sounds: int
    """Files of sound, a sound font counts as one."""
    version: str | None = None
    sha256: str | None = None
    """Of the archive."""


@dataclass(frozen=True)
class Record:
    """A source in sources.json."""

    kind: str
    status: Literal["fetched", "skipped", "folder"]
    reason: str | None
    """Why it was skipped."""
    package: str | None
    version: str | None
    sha256: str | None
    licence: str | None
    files: int | None
    """Of sound; null for a folder, which may change at any time."""
    path: str | None
    """Where its files lie, from the root of the repository."""
    layout: str
    labels: str | None
    synthetic: bool
