"""Onset detection: the sample at which a sound starts, and the sample from which a clip of it is cut."""

import numpy as np

from drumspace.audio.format.levels import db_to_amplitude, peak
from drumspace.audio.format.settings import AudioParams

_BLOCK = 4096
"""Samples that are searched at a time: most sounds start in the first block."""
_FLAT_SECONDS = 0.005
"""Length over which a silent head, which may have an offset, does not swing."""
_TAIL_SECONDS = 0.025
"""The same at the end, where a low drum may still swing slowly."""
_STEPS = 16
"""Changes of the offset before the onset that are followed, such as one from padding with zeros to a recording."""
_LEAST_MEAN = 0.03
"""Least mean of each part of a sound, as a share of the swing, by which the whole sound has an offset."""
_CLEARLY = 0.5
"""Distance of the mean from one offset relative to that from another, at most, for the mean to speak for the first."""
_PARTS, _LEAST_SECONDS = 8, 0.1
"""Parts of a sound whose means must agree, and the length of a sound whose parts hold a cycle of a low drum each."""


def swing(mono: np.ndarray) -> float:
    """Half of the distance between the lowest and the highest sample; 0 for a constant. mono: float [T], T > 0."""
    return (float(mono.max()) - float(mono.min())) / 2


def remove_offset(mono: np.ndarray, rate: int, onset_db: float, step: float = 0.0, whole: bool = True) -> np.ndarray:
    """Remove the constant offset (DC) of a sound; `mono` itself where that is too small to matter. float [T] at `rate`.

    The offset is that of the flat head, where nothing swings; it may change before the onset, and at it, where the
    sound's mean shows that. Without such a head it is that of a flat end, else the mean, where all parts agree.
    `step`: distance of neighbouring sample values. `whole`: False where `mono` is only the beginning of a sound.
    """
    size = swing(mono)
    threshold = size * db_to_amplitude(onset_db)
    flat = max(threshold, 0.6 * step)
    count = max(16, round(_FLAT_SECONDS * rate))
    fixed, start, level = mono, 0, 0.0
    for _ in range(_STEPS):
        head = mono[start : start + count]
        if len(head) < count or swing(head) > flat:
            break
        level = float(head.mean())
        level = level if abs(level) >= threshold else 0.0
        if level or fixed is not mono:
            fixed = mono.copy() if fixed is mono else fixed
            fixed[start:] = mono[start:] - np.float32(level)
        onset = _first_loud(fixed[start:], max(threshold, 1.5 * step))
        if onset is None:
            return fixed
        start += onset
    behind = (
        _offset_behind_head(mono[start:], rate, level, flat, whole)
        if level
        else _offset_without_head(mono[start:], rate, size, flat, threshold, whole)
    )
    if behind != level:
        fixed = mono.copy() if fixed is mono else fixed
        fixed[start:] = mono[start:] - np.float32(behind)
    return fixed


def _offset_behind_head(mono: np.ndarray, rate: int, level: float, flat: float, whole: bool) -> float:
    """Offset of a sound behind a head of the offset `level`: another one where its mean shows that.

    The other one is that of a flat end, else 0.
    """
    tail = mono[-round(_TAIL_SECONDS * rate) :]
    end = float(tail.mean()) if whole and len(mono) > 2 * len(tail) and swing(tail) <= flat else 0.0
    mean = float(mono[: -len(tail)].mean()) if len(mono) > len(tail) else level
    return end if abs(mean - end) < _CLEARLY * abs(mean - level) else level


def _offset_without_head(mono: np.ndarray, rate: int, size: float, flat: float, threshold: float, whole: bool) -> float:
    tail = mono[-round(_TAIL_SECONDS * rate) :]
    if whole and len(mono) > 2 * len(tail) and swing(tail) <= flat:
        level = float(tail.mean())
        return level if abs(level) >= threshold else 0.0
    if len(mono) < _LEAST_SECONDS * rate or abs(float(mono.mean())) < _LEAST_MEAN * size:
        return 0.0
    means = mono[: len(mono) // _PARTS * _PARTS].reshape(_PARTS, -1).mean(axis=1)
    steady = abs(float(np.sign(means).sum())) == _PARTS and float(np.abs(means).min()) > _LEAST_MEAN * size
    return float(np.median(means)) if steady else 0.0


def _first_loud(mono: np.ndarray, threshold: float) -> int | None:
    """Index of the first sample whose magnitude reaches `threshold`."""
    for start in range(0, len(mono), _BLOCK):
        loud = np.abs(mono[start : start + _BLOCK]) >= np.float32(threshold)
        if loud.any():
            return start + int(loud.argmax())
    return None


def find_onset(mono: np.ndarray, onset_db: float, step: float = 0.0) -> int:
    """Index of the first sample whose magnitude reaches the peak plus `onset_db` (dB, negative). mono: float [T].

    Samples that differ from 0 by one `step` of the quantisation are no onset.
    """
    top = peak(mono)
    return _first_loud(mono, max(top * db_to_amplitude(onset_db), min(1.5 * step, top / 2))) or 0


def clip_start(mono: np.ndarray, rate: int, audio: AudioParams, step: float = 0.0) -> int:
    """Index of the sample from which a clip is cut: the onset minus `audio.lead_ms`. mono: float [T] at `rate` Hz."""
    return max(0, find_onset(mono, audio.onset_db, step) - round(audio.lead_ms * rate / 1000))


def trim_to_onset(wave: np.ndarray, rate: int, audio: AudioParams) -> np.ndarray:
    """Move a sound to its onset, as clips are cut, and pad its end with zeros to the same length. wave: float [T]."""
    start = clip_start(wave, rate, audio)
    return np.pad(wave[start:], (0, start))
