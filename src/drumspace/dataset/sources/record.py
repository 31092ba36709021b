"""Types shared by the fetch stage and the kinds of sources."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from drumspace.dataset.sources.cache import Cache
from drumspace.dataset.sources.recorded import RecordedHashes


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
    recorded: RecordedHashes = field(default_factory=RecordedHashes)
    """Hashes of what the settings give none for."""


@dataclass(frozen=True)
class Fetched:
    """Result of fetching a source."""

    sounds: int
    """Number of sound files; a SoundFont counts as one."""
    version: str | None = None
    sha256: str | None = None
    """SHA-256 of the archive; None for kinds without one."""
    licence_files: dict[str, str] = field(default_factory=dict)
    """Licence files in the output folder, and the folder whose sounds each is about."""
    remarks: tuple[str, ...] = ()
    """Parts of the source that were left out or are missing, and why."""
    licence_missing: bool = False
    """Whether a file that should state the licence is missing."""


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
    """SPDX expression; null if it differs by kit, is not known, or the file that states it is missing."""
    licence_files: dict[str, str]
    """Files below `path` that state licences, and the folder whose sounds each is about ("" is `path` itself)."""
    remarks: list[str]
    """Parts of the source that were left out or are missing, and why."""
    files: int | None
    """Number of sound files; null for a folder, which may change at any time."""
    path: str | None
    """Folder of the files, relative to the root of the repository."""
    layout: str
    labels: str | None
    synthetic: bool
