"""Outcomes of decoding: a clip, or the reason for which the file is rejected."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from drumspace.audio.decode.clip import Clip, read_clip
from drumspace.audio.decode.decode import Info
from drumspace.audio.decode.guarded import Failure, run_guarded
from drumspace.audio.decode.settings import STANDARD
from drumspace.audio.decode.unusable import UnusableSound
from drumspace.audio.format.settings import AudioParams

log = logging.getLogger(__name__)

Made = TypeVar("Made")
Outcome = tuple[Clip, Info] | str
"""A clip and the format of its file, or the reason for which the file is rejected."""


def made_or_reason(make: Callable[[], Made], file: str) -> Made | str:
    """Call `make`; turn its errors into a reason, so that no file stops the others. Raises MemoryError."""
    try:
        return make()
    except UnusableSound as reason:
        return str(reason)
    except MemoryError:
        raise
    except Exception as error:
        log.warning("%s cannot be processed", file, exc_info=True)
        return f"cannot be processed ({type(error).__name__})"


def read_clips(files: Sequence[Path], audio: AudioParams, level_dbfs: float, max_seconds: float) -> list[Outcome]:
    """Clips of sound files, read one by one in a decoder process, which no file can stop."""
    read = partial(_read, audio=audio, level_dbfs=level_dbfs, max_seconds=max_seconds)
    results = run_guarded(read, files, [_size(file) for file in files], STANDARD)
    return [result.reason if isinstance(result, Failure) else result for result in results]


def read_guarded(read: Callable[[Path], Made], file: Path) -> Made:
    """`read(file)` in a decoder process, for what is parsed before clips are made. Raises UnusableSound."""
    (result,) = run_guarded(partial(_made_or_failure, read), [file], [_size(file)], STANDARD)
    if isinstance(result, Failure):
        raise UnusableSound(result.reason)
    return result


def _made_or_failure(read: Callable[[Path], Made], file: Path) -> Made | Failure:
    try:
        return read(file)
    except UnusableSound as reason:
        return Failure(str(reason))


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _read(file: Path, audio: AudioParams, level_dbfs: float, max_seconds: float) -> Outcome:
    return made_or_reason(lambda: read_clip(file, audio, level_dbfs, max_seconds), str(file))
