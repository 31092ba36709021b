"""From a sound of any length and rate to a clip: onset cut, one rate, one length, one level, int16."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from drumspace.audio.decode.decode import Info, UnusableSound, read_mono, resample
from drumspace.audio.format.settings import AudioParams

_MARGIN_SECONDS = 0.02
"""Resampled beyond both ends of a clip and dropped, so that no filter rings into it."""
_LATE_ONSET_SECONDS = 0.03
"""Read at once beyond a clip's length: sounds that begin before need no second read."""
_TRUSTED_DBFS = -36.0
"""Nothing this loud is the noise before a sound: reading may stop a clip's length after it."""


@dataclass(frozen=True)
class Clip:
    """A sound ready for a shard."""

    pcm: np.ndarray
    """int16 [n], n at most num_samples: what follows is silence."""
    seconds: float
    """Of the sound, from its onset to its end, before anything is cut off or padded."""
    peak_dbfs: float
    """Of the clip before it was brought to one level: the gain is that level minus this (dB)."""


def read_clip(path: Path | str, audio: AudioParams, level_dbfs: float, max_seconds: float) -> tuple[Clip, Info]:
    """The clip of the file at `path`, and what the file is. Raises UnusableSound."""
    mono, info = read_mono(path, max_seconds, lambda so_far, rate: _enough(so_far, rate, audio))
    return cut_clip(mono, info.sample_rate, audio, level_dbfs, info.frames), info


def cut_clip(mono: np.ndarray, rate: int, audio: AudioParams, level_dbfs: float, frames: int | None = None) -> Clip:
    """A clip of `mono` (float32 [T] at `rate` Hz): from its onset on, at most num_samples at
    audio.sample_rate.

    Scaled so that its peak is at `level_dbfs`. `frames` is the length of the whole sound where `mono` is only
    its beginning. A sound that goes on beyond the clip is faded out. Raises UnusableSound for silence (a
    constant is silence too).
    """
    if not len(mono):
        raise UnusableSound("holds no samples")
    swing = (float(mono.max()) - float(mono.min())) / 2
    if not swing >= amplitude(audio.silence_dbfs):
        raise UnusableSound(f"silent: its peak is below {audio.silence_dbfs:g} dBFS")
    start = max(0, find_onset(mono, audio.onset_db) - round(audio.lead_ms * rate / 1000))
    length = max(frames or 0, len(mono)) - start
    margin = math.ceil(_MARGIN_SECONDS * rate) if rate != audio.sample_rate else 0
    begin, end = max(0, start - margin), start + math.ceil(audio.seconds * rate) + margin
    sound = resample(mono[begin:end], rate, audio.sample_rate)
    skip = round((start - begin) * audio.sample_rate / rate)
    num_samples = min(audio.num_samples, max(1, round(length * audio.sample_rate / rate)))
    sound = sound[skip : skip + num_samples].copy()
    if length * audio.sample_rate > audio.num_samples * rate:
        fade_out(sound, round(audio.fade_ms * audio.sample_rate / 1000))
    top = peak(sound)
    if not top > 0:
        raise UnusableSound("silent from its onset on")
    sound *= np.float32(32767 * amplitude(level_dbfs) / top)
    return Clip(np.rint(sound, out=sound).astype(np.int16), length / rate, 20 * math.log10(top))


def find_onset(mono: np.ndarray, onset_db: float) -> int:
    """First sample whose magnitude reaches the peak plus `onset_db` (dB, negative)."""
    threshold = np.float32(peak(mono) * amplitude(onset_db))
    for start in range(0, len(mono), 4096):  # most sounds begin in the first stretch
        loud = np.abs(mono[start : start + 4096]) >= threshold
        if loud.any():
            return start + int(loud.argmax())
    return 0


def peak(sound: np.ndarray) -> float:
    """Greatest magnitude."""
    return max(float(sound.max(initial=0)), -float(sound.min(initial=0)))


def fade_out(sound: np.ndarray, samples: int) -> None:
    """Bring the last `samples` of `sound` to 0 in place, along half a cosine."""
    samples = min(samples, len(sound))
    if samples:
        sound[-samples:] *= _half_cosine(samples)


@cache
def _half_cosine(samples: int) -> np.ndarray:
    return (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, samples))).astype(np.float32)


def amplitude(decibels: float) -> float:
    """The factor that a level in dB stands for."""
    return float(10 ** (decibels / 20))


def _enough(mono: np.ndarray, rate: int, audio: AudioParams) -> int:
    """Samples to read in all: up to a clip's length after the onset, or more while it is quiet."""
    margin = 2 * _MARGIN_SECONDS if rate != audio.sample_rate else 0.001
    clip = math.ceil((audio.seconds + audio.lead_ms / 1000 + margin) * rate)
    if not len(mono):
        return clip + math.ceil(_LATE_ONSET_SECONDS * rate)
    if peak(mono) < amplitude(_TRUSTED_DBFS):
        return len(mono) + clip
    return find_onset(mono, audio.onset_db) + clip
