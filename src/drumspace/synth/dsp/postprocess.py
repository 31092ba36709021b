"""What becomes of a decoder's sounds before anyone hears them: their level and their end."""

import torch
from torch import Tensor

from drumspace.audio.format.settings import AudioParams

SILENT = 1e-4
"""Peak under which a sound is left as it is, instead of being made as loud as others."""


def postprocess(waves: Tensor, peaks: float | Tensor, audio: AudioParams) -> Tensor:
    """Waves [B, T] with their peaks at `peaks`, a number or [B, 1], and with an end; a gradient goes through."""
    return fade_out(normalize_peak(waves, peaks), audio)


def normalize_peak(waves: Tensor, peaks: float | Tensor) -> Tensor:
    """Waves [B, T] with their peaks at `peaks`, a number or [B, 1]; silent ones as they are."""
    own = waves.detach().abs().amax(dim=1, keepdim=True)
    return torch.where(own > SILENT, waves * (peaks / own.clamp(min=SILENT)), waves)


def fade_out(waves: Tensor, audio: AudioParams) -> Tensor:
    """Waves [B, T], each faded out where nothing as loud as audio.silence_dbfs comes any more.

    Recorded one-shots end: whoever made them has cut them. What a decoder tells a frame at a time only grows ever
    quieter.
    """
    length, samples = waves.shape[1], round(audio.fade_ms * audio.sample_rate / 1000)
    fade = 0.5 + 0.5 * torch.cos(torch.pi * (torch.arange(samples, device=waves.device) / max(samples - 1, 1)))
    loud = waves.detach().abs() >= 10 ** (audio.silence_dbfs / 20)
    quiet_from = torch.where(loud.any(dim=1), length - loud.flip(1).byte().argmax(dim=1), length)
    # A row at a time: a cosine of every sample would take a tenth of a decoder's time.
    gain = torch.ones_like(waves)
    for row, begin in zip(gain, quiet_from.tolist(), strict=True):
        if begin + samples <= length:
            row[begin : begin + samples] = fade
            row[begin + samples :] = 0
    return waves * gain
