"""Onset detection: the sample at which a sound starts, and the sample from which a clip of it is cut."""

import numpy as np

from drumspace.audio.format.levels import db_to_amplitude, peak
from drumspace.audio.format.settings import AudioParams

_BLOCK = 4096
"""Samples that are searched at a time: most sounds start in the first block."""
_FLAT_SECONDS = 0.005
"""Length of a start or end from which the offset is taken if it is flat."""
_LEAST_OFFSET = 1.0
"""An offset below this share of the onset's threshold changes neither onset nor level."""
_LEAST_MEAN = 0.03
"""Least mean of each part of a sound, as a share of the swing, by which the whole sound has an offset."""
_PARTS, _LEAST_SECONDS = 8, 0.1
"""Parts of a sound whose means must agree, and the length of a sound whose parts hold a cycle of a low drum each."""


def swing(mono: np.ndarray) -> float:
    """Half of the distance between the lowest and the highest sample; 0 for a constant. mono: float [T], T > 0."""
    return (float(mono.max()) - float(mono.min())) / 2


def find_offset(mono: np.ndarray, rate: int, onset_db: float, step: float = 0.0, whole: bool = True) -> float:
    """Constant offset (DC) of a sound; 0 where it is too small to matter. mono: float [T] at `rate` Hz.

    It is the level of a flat start, else of a flat end, where nothing swings; else the mean, where all parts agree.
    `step`: distance of neighbouring sample values. `whole`: False where `mono` is only the beginning of a sound.
    """
    size = swing(mono)
    threshold = size * db_to_amplitude(onset_db)
    count = max(16, round(_FLAT_SECONDS * rate))
    flat = max(threshold, 0.6 * step)
    for part in (mono[:count], mono[-count:] if whole else None):
        if part is not None and len(part) == count and swing(part) <= flat:
            level = float(part.mean())
            return level if abs(level) >= _LEAST_OFFSET * threshold else 0.0
    if len(mono) < _LEAST_SECONDS * rate or abs(float(mono.mean())) < _LEAST_MEAN * size:
        return 0.0
    means = mono[: len(mono) // _PARTS * _PARTS].reshape(_PARTS, -1).mean(axis=1)
    steady = abs(float(np.sign(means).sum())) == _PARTS and float(np.abs(means).min()) > _LEAST_MEAN * size
    return float(np.median(means)) if steady else 0.0


def find_onset(mono: np.ndarray, onset_db: float, step: float = 0.0) -> int:
    """Index of the first sample whose magnitude reaches the peak plus `onset_db` (dB, negative). mono: float [T].

    Samples that differ from 0 by one `step` of the quantisation are no onset.
    """
    top = peak(mono)
    threshold = np.float32(max(top * db_to_amplitude(onset_db), min(1.5 * step, top / 2)))
    for start in range(0, len(mono), _BLOCK):
        loud = np.abs(mono[start : start + _BLOCK]) >= threshold
        if loud.any():
            return start + int(loud.argmax())
    return 0


def clip_start(mono: np.ndarray, rate: int, audio: AudioParams, step: float = 0.0) -> int:
    """Index of the sample from which a clip is cut: the onset minus `audio.lead_ms`. mono: float [T] at `rate` Hz."""
    return max(0, find_onset(mono, audio.onset_db, step) - round(audio.lead_ms * rate / 1000))


def trim_to_onset(wave: np.ndarray, rate: int, audio: AudioParams) -> np.ndarray:
    """Move a sound to its onset, as clips are cut, and pad its end with zeros to the same length. wave: float [T]."""
    start = clip_start(wave, rate, audio)
    return np.pad(wave[start:], (0, start))
