"""From a sound to a clip. Each decoder process imports this module, so it has few imports."""

import os
from dataclasses import dataclass

import numpy as np

from drumspace.audio.analysis.hits import Hits, find_hits
from drumspace.audio.analysis.loudness import loudness_lufs
from drumspace.audio.decode.clip import Clip, cut_clip
from drumspace.audio.decode.decode import Info, UnusableSound, read_mono
from drumspace.audio.decode.outcome import made_or_reason
from drumspace.audio.format.levels import db_to_amplitude, peak
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


@dataclass(frozen=True)
class Analysis:
    """Measurements of a sound."""

    hits: Hits
    """Hits of the whole sound, which may be longer than the clip."""
    loudness_lufs: float | None
    """Integrated loudness of the clip at its original level; None if it is below the gate of the standard,
    or not measured."""


Outcome = tuple[Clip, Info, Analysis] | str
"""A clip, the format of its file and its analysis, or the reason for which the file is rejected."""


def task_size(task: Task) -> int:
    """Bytes that are read for a task; 0 where the file can't be reached, which decoding then says."""
    if task.sample is not None:
        return task.sample.bytes
    try:
        return os.stat(task.file).st_size  # noqa: PTH116
    except OSError:
        return 0


def make_clip(task: Task, audio: AudioParams, limits: Limits, with_loudness: bool = True) -> Outcome:
    """Make the clip of a task, and measure its loudness by default. Raises MemoryError."""
    return made_or_reason(lambda: _make_clip(task, audio, limits, with_loudness), task.file)


def _make_clip(task: Task, audio: AudioParams, limits: Limits, with_loudness: bool) -> tuple[Clip, Info, Analysis]:
    if task.sample is None:
        mono, info = read_mono(task.file, limits.max_seconds)
    else:
        mono, info = read_sample(task.file, task.sample, limits.max_seconds)
    clip = cut_clip(mono, info.sample_rate, audio, limits.level_dbfs, info.frames, info.step)
    if clip.seconds < limits.min_seconds:
        raise UnusableSound(f"a click of {clip.seconds * 1000:.1f} ms, no drum")
    loudness = _loudness(clip, audio.sample_rate) if with_loudness else None
    return clip, info, Analysis(find_hits(mono, info.sample_rate), loudness)


def _loudness(clip: Clip, rate: int) -> float | None:
    gain = db_to_amplitude(clip.peak_dbfs) / peak(clip.pcm)
    return loudness_lufs(clip.pcm * np.float32(gain), rate)
