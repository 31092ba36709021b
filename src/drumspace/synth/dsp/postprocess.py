"""Post-processing of generated audio: peak level and fade-out."""

import torch
from torch import Tensor

from drumspace.audio.format.settings import AudioParams

SILENT = 1e-4
"""Peak below which a sound counts as silent and is not normalised."""


def postprocess(waves: Tensor, peaks: float | Tensor, audio: AudioParams) -> Tensor:
    """Normalise waves [B, T] to `peaks`, a number or [B, 1], and fade them out; differentiable."""
    return fade_out(normalize_peak(waves, peaks), audio)


def normalize_peak(waves: Tensor, peaks: float | Tensor) -> Tensor:
    """Scale waves [B, T] to `peaks`, a number or [B, 1]; silent waves are returned unchanged."""
    own = waves.detach().abs().amax(dim=1, keepdim=True)
    return torch.where(own > SILENT, waves * (peaks / own.clamp(min=SILENT)), waves)


def fade_out(waves: Tensor, audio: AudioParams) -> Tensor:
    """Fade each wave of [B, T] out over audio.fade_ms after its last sample at or above audio.silence_dbfs.

    Recorded one-shots are cut to an end; the output of a decoder only decays.
    """
    length, samples = waves.shape[1], round(audio.fade_ms * audio.sample_rate / 1000)
    fade = 0.5 + 0.5 * torch.cos(torch.pi * (torch.arange(samples, device=waves.device) / max(samples - 1, 1)))
    loud = waves.detach().abs() >= 10 ** (audio.silence_dbfs / 20)
    ends = torch.where(loud.any(dim=1), length - loud.flip(1).byte().argmax(dim=1), length)
    # Row by row: a cosine of every sample would take a tenth of the decoder's time.
    gain = torch.ones_like(waves)
    for row, end in zip(gain, ends.tolist(), strict=True):
        if end + samples <= length:
            row[end : end + samples] = fade
            row[end + samples :] = 0
    return waves * gain
