"""Pitch of kicks and toms, by the YIN tracker of librosa (de Cheveigné and Kawahara 2002)."""

import numpy as np
import soxr

from drumspace.audio.format.levels import db_to_amplitude

PITCHES_HZ = (25.0, 500.0)
RATE = 4410
"""Sample rate (Hz) at which pitches are tracked: low enough to be fast."""
FRAME, HOP = 512, 128
"""Length and distance of the tracker's frames (samples at RATE): about three periods of the lowest pitch."""
SECONDS = (0.02, 0.4)
"""Part of a sound whose frames count: after the fall of pitch at the attack (s, by the frames' starts)."""
BATCH = 32
"""Clips that are tracked at a time."""
LEVEL_DB = -20.0
"""Lowest level of a frame that counts, relative to the loudest one that might."""
TROUGH = 0.4
"""Difference function below which the first trough is the period: high, as a membrane's partials are not harmonic."""
PERIODIC = 0.8
"""Least correlation of a frame with itself one period later."""


def import_tracker() -> None:
    """Import librosa's tracker, which takes a second: in a thread, it is ready when the first pitch is needed."""
    import librosa

    _ = librosa.yin


def pitch_hz(clips: np.ndarray, rate: int) -> np.ndarray:
    """Fundamental (Hz) of clips float [n, T] at `rate` Hz: float [n], NaN where a clip has none.

    The median over its periodic frames after the attack, weighted by their energy.
    """
    parts = [_pitch_hz(clips[start : start + BATCH], rate) for start in range(0, len(clips), BATCH)]
    return np.concatenate([np.zeros(0), *parts])


def _pitch_hz(clips: np.ndarray, rate: int) -> np.ndarray:
    import librosa  # slow to import, and workers of ingest import the package of this module

    end = min(clips.shape[1], round((SECONDS[1] + FRAME / RATE) * rate))
    slow = np.stack([soxr.resample(clip[:end].astype(np.float32), rate, RATE, quality="HQ") for clip in clips])
    slow = np.pad(slow, ((0, 0), (0, max(0, FRAME - slow.shape[1]))))
    tracked = librosa.yin(
        slow, fmin=PITCHES_HZ[0], fmax=PITCHES_HZ[1], sr=RATE, frame_length=FRAME, hop_length=HOP,
        trough_threshold=TROUGH, center=False,
    )  # fmt: skip
    frames = np.moveaxis(librosa.util.frame(slow, frame_length=FRAME, hop_length=HOP), -2, -1)
    return np.array([_settled(*clip) for clip in zip(frames, tracked, strict=True)])


def _settled(frames: np.ndarray, tracked: np.ndarray) -> float:
    """Energy-weighted median of the pitches of one clip; frames: float [m, FRAME], tracked: float [m] (Hz)."""
    first = int(np.ceil(SECONDS[0] * RATE / HOP))
    frames, tracked = frames[first:], tracked[first:]
    energy = np.einsum("ij,ij->i", frames, frames)
    counts = energy > energy.max(initial=0) * db_to_amplitude(LEVEL_DB) ** 2
    kept = [
        (pitch, power)
        for frame, pitch, power in zip(frames[counts], tracked[counts], energy[counts], strict=True)
        if _correlation(frame, round(RATE / pitch)) >= PERIODIC
    ]
    if not kept:
        return float("nan")
    pitches, powers = np.array(sorted(kept)).T
    return float(pitches[np.searchsorted(np.cumsum(powers), powers.sum() / 2)])


def _correlation(frame: np.ndarray, lag: int) -> float:
    """Correlation of a frame with itself `lag` samples later, each side by its own energy."""
    early, late = frame[:-lag], frame[lag:]
    scale = float(np.sqrt(np.dot(early, early) * np.dot(late, late)))
    return float(np.dot(early, late)) / scale if scale else 0.0
