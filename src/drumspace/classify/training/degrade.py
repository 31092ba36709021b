"""Degradation of training clips: random rooms, clipping and bandwidths, for models that are robust to these.

Each function changes a random share of the clips of a batch, float [B, T] → [B, T], and keeps every clip's peak, as
ingest gives it to any sound. Random numbers come from torch's global generator; none is drawn at a probability of 0.
"""

from collections.abc import Callable

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from drumspace.classify.training.settings import ClippingParams, LowPassParams, ReverbParams

SHORTEST_REVERB = 0.1
"""Shortest time in which a room decays by 60 dB (s)."""
FIRST_REFLECTION = 0.003
"""Delay of the first reflection after the direct sound (s)."""
DIRECT_DB = 15.0
"""Highest level of the direct sound relative to the reverberant sound (dB); the lowest is 0."""
FILTER_ORDER = 24
"""Order of the low-pass filters, 144 dB an octave: nearly as steep as those of resampling."""
RINGING = 0.02
"""Zeros that take up the ringing of a zero-phase filter (s)."""


def add_reverb(wave: Tensor, sample_rate: int, params: ReverbParams) -> Tensor:
    """Play clips in random rooms; what sounds beyond a clip's end is cut."""

    def change(clips: Tensor) -> Tensor:
        length = clips.shape[1]
        responses = room_responses(len(clips), sample_rate, params.seconds, clips.device)[:, :length]
        size = next_fast_len(length + responses.shape[1] - 1, real=True)
        return torch.fft.irfft(torch.fft.rfft(clips, size) * torch.fft.rfft(responses, size), size)[:, :length]

    return _change_some(wave, params.probability, change)


def room_responses(count: int, sample_rate: int, seconds: float, device: torch.device) -> Tensor:
    """Impulse responses of random rooms [count, T]: the direct sound and exponentially decaying noise.

    A room decays by 60 dB in SHORTEST_REVERB to `seconds`; its direct sound is 0 to DIRECT_DB above all the noise.
    """
    time = torch.arange(round(seconds * sample_rate), device=device) / sample_rate
    reverberation = SHORTEST_REVERB + (seconds - SHORTEST_REVERB) * torch.rand(count, 1, device=device)
    noise = torch.randn(count, len(time), device=device) * 10 ** (-3 * time / reverberation)
    noise = noise * (time >= FIRST_REFLECTION)
    level = 10 ** (-DIRECT_DB * torch.rand(count, 1, device=device) / 20)
    responses = noise * level / noise.square().sum(dim=1, keepdim=True).sqrt()
    responses[:, 0] = 1
    return responses


def clip_peaks(wave: Tensor, params: ClippingParams) -> Tensor:
    """Cut what is above each clip's peak less a random drive of at most `params.drive_db`."""

    def change(clips: Tensor) -> Tensor:
        drive = params.drive_db * torch.rand(len(clips), 1, device=clips.device)
        limit = _peak(clips) * 10 ** (-drive / 20)
        return clips.clamp(-limit, limit)

    return _change_some(wave, params.probability, change)


def limit_bandwidth(wave: Tensor, sample_rate: int, params: LowPassParams) -> Tensor:
    """Remove what is above a random frequency, drawn evenly in octaves from `params.lowest_hz` to half the rate.

    The filters are zero-phase, with the magnitude of a Butterworth filter of order FILTER_ORDER.
    """

    def change(clips: Tensor) -> Tensor:
        length = clips.shape[1]
        size = next_fast_len(length + round(RINGING * sample_rate), real=True)
        frequency = torch.fft.rfftfreq(size, 1 / sample_rate, device=clips.device)
        octaves = torch.rand(len(clips), 1, device=clips.device)
        cutoff = params.lowest_hz * (sample_rate / 2 / params.lowest_hz) ** octaves
        gain = (1 + (frequency / cutoff) ** (2 * FILTER_ORDER)) ** -0.5
        return torch.fft.irfft(torch.fft.rfft(clips, size) * gain, size)[:, :length]

    return _change_some(wave, params.probability, change)


def _change_some(wave: Tensor, probability: float, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply `change` to each clip with a probability, and scale the result to the clip's peak."""
    if probability == 0:
        return wave
    rows = torch.rand(len(wave), device=wave.device) < probability
    if not bool(rows.any()):  # Fourier transforms of empty batches are errors
        return wave
    clips = wave[rows]
    changed = change(clips)
    result = wave.clone()
    result[rows] = changed * (_peak(clips) / _peak(changed).clamp(min=torch.finfo(wave.dtype).tiny))
    return result


def _peak(wave: Tensor) -> Tensor:
    return wave.abs().amax(dim=1, keepdim=True)
