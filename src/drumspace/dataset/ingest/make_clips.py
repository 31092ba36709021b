"""From sounds to clips, in worker processes. Each worker imports this module, so it has few imports."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from drumspace.audio.decode.clip import Clip, cut_clip, read_clip
from drumspace.audio.decode.decode import Info, UnusableSound
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.ingest.parallel import map_in_order
from drumspace.dataset.ingest.soundfont.samples import Sample, read_sample

log = logging.getLogger(__name__)
CRASHED = "the decoder crashed on it"


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


Outcome = tuple[Clip, Info] | str
"""A clip and the format of its file, or the reason for which the file is rejected."""


def make_clips(
    tasks: Sequence[Task], audio: AudioParams, limits: Limits, jobs: int | None, dask_address: str | None
) -> Iterator[Outcome]:
    """Outcomes in the order of the tasks."""
    work = partial(_make_clips, audio=audio, limits=limits)
    return map_in_order(work, tasks, lambda task: CRASHED, jobs, dask_address)


def _make_clips(tasks: Sequence[Task], audio: AudioParams, limits: Limits) -> list[Outcome]:
    return [_make_clip(task, audio, limits) for task in tasks]


def _make_clip(task: Task, audio: AudioParams, limits: Limits) -> Outcome:
    try:
        if task.sample is None:
            clip, info = read_clip(task.file, audio, limits.level_dbfs, limits.max_seconds)
        else:
            info = Info(task.sample.rate, len(task.sample.channels), task.sample.frames)
            info.check(limits.max_seconds)
            mono = read_sample(task.file, task.sample)
            clip = cut_clip(mono, info.sample_rate, audio, limits.level_dbfs)
        if clip.seconds < limits.min_seconds:
            raise UnusableSound(f"a click of {clip.seconds * 1000:.1f} ms, no drum")
    except UnusableSound as reason:
        return str(reason)
    except Exception as error:
        # A file that provokes an unforeseen error must not stop the ingest of the others.
        log.warning("%s cannot be processed", task.file, exc_info=True)
        return f"cannot be processed ({type(error).__name__})"
    return clip, info
