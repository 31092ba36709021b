"""Onset detection: the sample at which a sound starts, and the sample from which a clip of it is cut."""

import numpy as np

from drumspace.audio.format.levels import db_to_amplitude, peak
from drumspace.audio.format.settings import AudioParams

_BLOCK = 4096
"""Samples that are searched at a time: most sounds start in the first block."""


def find_onset(mono: np.ndarray, onset_db: float) -> int:
    """Index of the first sample whose magnitude reaches the peak plus `onset_db` (dB, negative). mono: float [T]."""
    threshold = np.float32(peak(mono) * db_to_amplitude(onset_db))
    for start in range(0, len(mono), _BLOCK):
        loud = np.abs(mono[start : start + _BLOCK]) >= threshold
        if loud.any():
            return start + int(loud.argmax())
    return 0


def clip_start(mono: np.ndarray, rate: int, audio: AudioParams) -> int:
    """Index of the sample from which a clip is cut: the onset minus `audio.lead_ms`. mono: float [T] at `rate` Hz."""
    return max(0, find_onset(mono, audio.onset_db) - round(audio.lead_ms * rate / 1000))


def trim_to_onset(wave: np.ndarray, rate: int, audio: AudioParams) -> np.ndarray:
    """Move a sound to its onset, as clips are cut, and pad its end with zeros to the same length. wave: float [T]."""
    start = clip_start(wave, rate, audio)
    return np.pad(wave[start:], (0, start))
