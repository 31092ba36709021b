"""Clips: a sound of any length and rate, cut at its onset, resampled, limited in length and normalised, as int16."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from drumspace.audio.decode.decode import Info, SoundSource, UnusableSound, read_mono, resample
from drumspace.audio.decode.onset import clip_start, find_onset, remove_offset, swing
from drumspace.audio.format.levels import db_to_amplitude, peak
from drumspace.audio.format.settings import AudioParams

_MARGIN_SECONDS = 0.02
"""Resampled beyond both ends of a clip and dropped, so that the filter's transients stay outside."""
_LATE_ONSET_SECONDS = 0.03
"""Read in addition to a clip's length at first: a sound whose onset is earlier needs no second read."""
_NOISE_DBFS = -36.0
"""Upper bound of the noise before an onset: once this level is reached, reading may stop a clip's length later."""


@dataclass(frozen=True)
class Clip:
    """A sound in the form in which shards store it."""

    pcm: np.ndarray
    """int16 [n], n at most num_samples; shards pad the rest with zeros."""
    seconds: float
    """Length of the sound from its onset to its end, before cutting and padding."""
    peak_dbfs: float
    """Peak before normalisation (dB of full scale); the gain is the target level minus this."""


def read_clip(source: SoundSource, audio: AudioParams, level_dbfs: float, max_seconds: float) -> tuple[Clip, Info]:
    """Read a sound file as a clip, with the file's own format. Raises UnusableSound."""
    mono, info = read_mono(source, max_seconds, lambda so_far, rate: _samples_needed(so_far, rate, audio))
    return cut_clip(mono, info.sample_rate, audio, level_dbfs, info.frames, info.step), info


def cut_clip(
    mono: np.ndarray, rate: int, audio: AudioParams, level_dbfs: float, frames: int | None = None, step: float = 0.0
) -> Clip:
    """Cut a clip from `mono` (float32 [T] at `rate` Hz): from its onset, at most num_samples at audio.sample_rate.

    A constant offset (DC) is removed first, so that neither onset nor level depends on it. The peak is scaled to
    `level_dbfs`. `frames` is the length of the whole sound where `mono` holds only its beginning, `step` the distance
    of neighbouring sample values where it is known. A sound that is longer than the clip is faded out. Raises
    UnusableSound for silence, which includes constant signals.
    """
    if not len(mono):
        raise UnusableSound("holds no samples")
    silent = f"silent: its peak is below {audio.silence_dbfs:g} dBFS"
    if not swing(mono) >= db_to_amplitude(audio.silence_dbfs):
        raise UnusableSound(silent)
    mono = remove_offset(mono, rate, audio.onset_db, step, whole=(frames or 0) <= len(mono))
    start = clip_start(mono, rate, audio, step)
    length = max(frames or 0, len(mono)) - start
    margin = math.ceil(_MARGIN_SECONDS * rate) if rate != audio.sample_rate else 0
    first, last = max(0, start - margin), start + math.ceil(audio.seconds * rate) + margin
    sound = resample(mono[first:last], rate, audio.sample_rate)
    skip = round((start - first) * audio.sample_rate / rate)
    num_samples = min(audio.num_samples, max(1, round(length * audio.sample_rate / rate)))
    sound = sound[skip : skip + num_samples].copy()
    if length * audio.sample_rate > audio.num_samples * rate:
        fade_out(sound, round(audio.fade_ms * audio.sample_rate / 1000))
    top = peak(sound)
    if not swing(sound) >= db_to_amplitude(audio.silence_dbfs):
        raise UnusableSound(f"{silent} from its onset on")
    sound *= np.float32(32767 * db_to_amplitude(level_dbfs) / top)
    return Clip(np.rint(sound, out=sound).astype(np.int16), length / rate, 20 * math.log10(top))


def fade_out(sound: np.ndarray, samples: int) -> None:
    """Fade the last `samples` of `sound` to 0 in place, along half a cosine."""
    samples = min(samples, len(sound))
    if samples:
        sound[-samples:] *= _half_cosine(samples)


@cache
def _half_cosine(samples: int) -> np.ndarray:
    return (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, samples))).astype(np.float32)


def _samples_needed(mono: np.ndarray, rate: int, audio: AudioParams) -> int:
    """Samples to read in all, given those read so far: a clip's length after the onset, more while it is quiet."""
    margin = 2 * _MARGIN_SECONDS if rate != audio.sample_rate else 0.001
    clip = math.ceil((audio.seconds + audio.lead_ms / 1000 + margin) * rate)
    if not len(mono):
        return clip + math.ceil(_LATE_ONSET_SECONDS * rate)
    mono = remove_offset(mono, rate, audio.onset_db, whole=False)
    if peak(mono) < db_to_amplitude(_NOISE_DBFS):
        return len(mono) + clip
    return find_onset(mono, audio.onset_db) + clip
