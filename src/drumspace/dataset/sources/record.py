"""Types shared by the fetch stage and the kinds of sources."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drumspace.dataset.sources.cache import Cache


class Unavailable(Exception):
    """Error of a source that is not available.

    The message is stored in sources.json, so it contains no path, time or host of this machine.
    """

    def __init__(self, reason: str, temporary: bool = False) -> None:
        """Build the error; `temporary` means that another attempt may succeed."""
        super().__init__(reason)
        self.temporary = temporary


@dataclass(frozen=True)
class Context:
    """Objects that a kind of source may need in addition to its own settings."""

    cache: Cache
    sample_rate: int
    """Sample rate of synthesised clips (Hz)."""
    num_samples: int
    """Length of synthesised clips (samples)."""
    report_progress: Callable[[str], None]
    """Function that shows a short text in the progress bar."""
    retry_seconds: float = 1.0
    """Wait before the second attempt (s); it doubles before each further one."""


@dataclass(frozen=True)
class Fetched:
    """Result of fetching a source."""

    sounds: int
    """Number of sound files; a SoundFont counts as one."""
    version: str | None = None
    sha256: str | None = None
    """SHA-256 of the archive; None for kinds without one."""


@dataclass(frozen=True)
class Record:
    """Entry of a source in sources.json."""

    kind: str
    status: Literal["fetched", "skipped", "folder"]
    reason: str | None
    """Reason for which the source was skipped; null otherwise."""
    package: str | None
    version: str | None
    sha256: str | None
    licence: str | None
    files: int | None
    """Number of sound files; null for a folder, which may change at any time."""
    path: str | None
    """Folder of the files, relative to the root of the repository."""
    layout: str
    labels: str | None
    synthetic: bool
