"""From a sound to a clip. Each decoder process imports this module, so it has few imports."""

import os
from dataclasses import dataclass

from drumspace.audio.decode.clip import Clip, cut_clip, read_clip
from drumspace.audio.decode.decode import Info, UnusableSound
from drumspace.audio.decode.outcome import Outcome, clip_or_reason
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.soundfont.samples import Sample, read_sample


@dataclass(frozen=True)
class Task:
    """Input of a worker: the absolute path of a file and, if it is a SoundFont, the sample in it."""

    file: str
    sample: Sample | None


@dataclass(frozen=True)
class Limits:
    """Lengths (s) of sounds that become clips, and the peak level of clips (dBFS)."""

    min_seconds: float
    max_seconds: float
    level_dbfs: float


def task_size(task: Task) -> int:
    """Bytes that are read for a task; 0 where the file can't be reached, which decoding then says."""
    if task.sample is not None:
        return task.sample.bytes
    try:
        return os.stat(task.file).st_size  # noqa: PTH116
    except OSError:
        return 0


def make_clip(task: Task, audio: AudioParams, limits: Limits) -> Outcome:
    """Make the clip of a task. Raises MemoryError."""
    return clip_or_reason(lambda: _make_clip(task, audio, limits), task.file)


def _make_clip(task: Task, audio: AudioParams, limits: Limits) -> tuple[Clip, Info]:
    if task.sample is None:
        clip, info = read_clip(task.file, audio, limits.level_dbfs, limits.max_seconds)
    else:
        mono, info = read_sample(task.file, task.sample, limits.max_seconds)
        clip = cut_clip(mono, info.sample_rate, audio, limits.level_dbfs)
    if clip.seconds < limits.min_seconds:
        raise UnusableSound(f"a click of {clip.seconds * 1000:.1f} ms, no drum")
    return clip, info
