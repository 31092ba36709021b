"""Degradations of clips for the robustness benchmark: pitch, room, MP3, clipping, level, bandwidth, late onset.

Each is a pure function of a clip: float32 [T] in [-1, 1] at a rate (Hz) → float32 [T]. The room of a clip is drawn from
a seed and the clip's own samples, so that it is the same in every split and for every model.
"""

import io
import zlib
from collections.abc import Callable
from functools import partial

import librosa
import numpy as np
import soundfile
from scipy.signal import fftconvolve

from drumspace.audio.decode.clip import fade_out
from drumspace.audio.decode.decode import resample
from drumspace.audio.format.levels import db_to_amplitude, peak, to_pcm
from drumspace.errors import UserError

Degradation = Callable[[np.ndarray, int], np.ndarray]
CLEAN = "clean"
SEED = 0
_PITCH_WINDOW = 1024
"""Samples at 44.1 kHz. Half of it loses 3 dB of a kick's fundamental; twice as much smears its attack."""
_FADE_SECONDS = 0.02
_REVERBERATION_SECONDS = 0.5
_REFLECTIONS = 6
_FIRST_REFLECTION, _LAST_REFLECTION = 0.003, 0.04
"""Delays after the direct sound (s)."""
_REFLECTION_GAIN = 0.4
"""Largest amplitude of a reflection before its decay: six of them have less energy than the direct sound."""
_MP3_KBPS = (32, 320)
"""Bit rates of MPEG-1 layer III, between which libsndfile's compression level from 1 to 0 interpolates."""


def shift_pitch(wave: np.ndarray, rate: int, semitones: float) -> np.ndarray:
    """Shift the pitch and keep the duration: librosa's phase vocoder, then soxr."""
    return librosa.effects.pitch_shift(wave, sr=rate, n_steps=semitones, n_fft=_PITCH_WINDOW)


def room_response(rng: np.random.Generator, rate: int, seconds: float = _REVERBERATION_SECONDS) -> np.ndarray:
    """Impulse response of a random room, float64 [T]: direct sound, early reflections, exponentially decaying noise.

    The amplitude falls by 60 dB in `seconds`. Reflections and noise together have the energy of the direct sound.
    """
    time = np.arange(round(seconds * rate)) / rate
    decay = 10 ** (-3 * time / seconds)
    reflections = np.zeros(len(time))
    delays = rng.uniform(_FIRST_REFLECTION, _LAST_REFLECTION, _REFLECTIONS)
    gains = _REFLECTION_GAIN * rng.uniform(0.3, 1, _REFLECTIONS) * rng.choice([-1, 1], _REFLECTIONS)
    np.add.at(reflections, np.round(delays * rate).astype(int), gains)
    reflections *= decay
    noise = rng.standard_normal(len(time)) * decay * (time >= _FIRST_REFLECTION)
    # The noise has the energy that the reflections leave, whatever the two have in common.
    cross, own = float(noise @ reflections), float(noise @ noise)
    rest = float(reflections @ reflections) - 1
    response = reflections + noise * (-cross + (cross**2 - own * rest) ** 0.5) / own
    response[0] = 1
    return response


def add_reverb(wave: np.ndarray, rate: int, seed: int = SEED) -> np.ndarray:
    """Play a clip in a random room; what sounds beyond the clip's end is cut with a fade-out."""
    rng = np.random.default_rng([seed, zlib.crc32(wave.tobytes())])
    return _faded(fftconvolve(wave, room_response(rng, rate))[: len(wave)].astype(np.float32), rate)


def encode_mp3(wave: np.ndarray, rate: int, kbps: int = 128) -> np.ndarray:
    """Encode as a mono MP3 of a constant bit rate and decode, with LAME and mpg123 in libsndfile; the delay is removed.

    Raises UserError at rates below those of MPEG-1 (32 kHz).
    """
    if rate < 32000:
        raise UserError(
            f"MP3 of {kbps} kbit/s needs 32, 44.1 or 48 kHz, and the clips have {rate} Hz: set audio.sample_rate."
        )
    lowest, highest = _MP3_KBPS
    file = io.BytesIO()
    # libsndfile rounds the bit rate down.
    level = (highest - kbps - 0.5) / (highest - lowest)
    soundfile.write(file, wave, rate, "MPEG_LAYER_III", format="MP3", compression_level=level, bitrate_mode="CONSTANT")
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return librosa.util.fix_length(decoded, size=len(wave))


def clip_peaks(wave: np.ndarray, rate: int, drive_db: float) -> np.ndarray:
    """Cut all that is above the peak less `drive_db` (dB), as an input that is overdriven by as much."""
    limit = peak(wave) * db_to_amplitude(-drive_db)
    return wave.clip(-limit, limit)


def change_level(wave: np.ndarray, rate: int, gain_db: float) -> np.ndarray:
    """Scale by a gain (dB)."""
    return wave * np.float32(db_to_amplitude(gain_db))


def limit_bandwidth(wave: np.ndarray, rate: int, low_rate: int) -> np.ndarray:
    """Resample to a low rate (Hz) and back, with soxr."""
    return librosa.util.fix_length(resample(resample(wave, rate, low_rate), low_rate, rate), size=len(wave))


def delay_onset(wave: np.ndarray, rate: int, seconds: float) -> np.ndarray:
    """Put silence before a clip; what sounds beyond its end is cut with a fade-out."""
    return _faded(np.pad(wave, (round(seconds * rate), 0))[: len(wave)], rate)


def _faded(wave: np.ndarray, rate: int) -> np.ndarray:
    fade_out(wave, round(_FADE_SECONDS * rate))
    return wave


_QUIETER = "12 dB quieter"
DEGRADATIONS: dict[str, Degradation] = {
    "pitch 3 semitones up": partial(shift_pitch, semitones=3),
    "pitch 3 semitones down": partial(shift_pitch, semitones=-3),
    "room reverb": add_reverb,
    "MP3 at 128 kbit/s": encode_mp3,
    "clipped by 12 dB": partial(clip_peaks, drive_db=12),
    _QUIETER: partial(change_level, gain_db=-12),
    "resampled to 8 kHz": partial(limit_bandwidth, low_rate=8000),
    "onset 20 ms late": partial(delay_onset, seconds=0.02),
}
CONDITIONS = (CLEAN, *DEGRADATIONS)


def degrade(pcm: np.ndarray, condition: str, rate: int) -> np.ndarray:
    """Clips under one of CONDITIONS: int16 [n, T] at `rate` (Hz) → int16 [n, T].

    Each clip keeps its peak, as ingest gives it to any sound, except where the level is the condition.
    """
    if condition == CLEAN:
        return pcm
    degraded = np.empty_like(pcm)
    for row, samples in enumerate(pcm):
        wave = samples.astype(np.float32) / np.float32(32767)
        changed = DEGRADATIONS[condition](wave, rate)
        if condition != _QUIETER and peak(changed):
            changed = changed * np.float32(peak(wave) / peak(changed))
        degraded[row] = to_pcm(changed)
    return degraded
