"""Source kind `folder`: the user's own folder, checked but not copied."""

import os
from pathlib import Path

from drumspace.audio.format.suffixes import holds_sounds
from drumspace.dataset.sources.record import Context, Fetched, Unavailable
from drumspace.dataset.sources.settings import FolderSource


def fetch(source: FolderSource, out: Path, context: Context) -> Fetched:
    """Check that the folder exists and, unless it is optional, that it holds a sound. Raises Unavailable.

    The result's `sounds` is 0 or 1, because the search ends at the first sound.
    """
    folder = Path(source.path)
    if not folder.is_dir():
        raise Unavailable(f"the folder {source.path} does not exist")
    if source.labels is not None and not (folder / source.labels).is_file():
        raise Unavailable(f"the folder {source.path} has no file {source.labels}")
    # Links are not followed: a link to a parent folder would make the search endless.
    holds_sound = any(holds_sounds(name) for _, _, files in os.walk(folder) for name in files)
    if not (holds_sound or source.optional):
        raise Unavailable(f"the folder {source.path} holds no sound (WAV, FLAC, OGG, AIFF, MP3, SF2, ZIP, …)")
    return Fetched(int(holds_sound))
