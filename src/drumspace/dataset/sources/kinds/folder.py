"""The user's own folder: looked at, not copied."""

import os
from pathlib import Path

from drumspace.dataset.sources.archive import is_sound
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import FolderSource


def fetch(source: FolderSource, out: Path, context: Context) -> Fetched:
    """Check that the folder is there and, unless it is optional, that it holds a sound. Raises Unavailable.

    `sounds` is only 0 or 1: the search ends at the first.
    """
    folder = Path(source.path)
    if not folder.is_dir():
        raise Unavailable(f"the folder {source.path} does not exist")
    if source.labels is not None and not (folder / source.labels).is_file():
        raise Unavailable(f"the folder {source.path} has no file {source.labels}")
    # Links are not followed: one that points back would never end.
    holds_sound = any(is_sound(name) for _, _, files in os.walk(folder) for name in files)
    if not (holds_sound or source.optional):
        raise Unavailable(f"the folder {source.path} holds no sound (WAV, FLAC, OGG, AIFF, MP3, SF2)")
    return Fetched(int(holds_sound))
