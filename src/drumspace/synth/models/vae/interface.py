"""The interface of an architecture: encoder, decoder, decoder output, segments."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from drumspace.synth.dsp.coarse_spectrum import CoarseSpectrum


class Segment(NamedTuple):
    """A segment of each sound of a batch, so that a training step can decode parts of more sounds."""

    start: Tensor
    """int [B]: first sample, in hops of the decoder."""
    samples: int
    """Length in samples, a multiple of the hop."""


class DecoderOutput(NamedTuple):
    """Decoded waves, and the parameters that have losses of their own."""

    wave: Tensor
    """[B, T], or of a segment [B, its samples]."""
    second_rendering: Tensor | None = None
    """The same with other noise, if requested and the decoder generates noise."""
    noise_ratio: Tensor | None = None
    """Predicted noise ratio [B, frames, bands], on the frames of the decoder's `noise_ratio_estimator`."""
    spectral_peaks: Tensor | None = None
    """Predicted height of spectral peaks [B, bands], nepers, as the decoder's `peakiness_estimator` measures it."""
    log_magnitude: Tensor | None = None
    """Log magnitudes without peaks, [B, frames of the whole sound, bins], detached."""


class EncoderDecoder(NamedTuple):
    """An untrained encoder and a decoder with matching features."""

    encoder: nn.Module
    """Waves [B, T] → features [B, encoded, frames]."""
    decoder: nn.Module
    """(features [B, decoded, frames], generator, two_renderings, segment) → DecoderOutput."""
    encoded: int
    decoded: int
    frames: int
    hop: int
    """Hop length of the decoder, samples."""
    coarse_spectrum: CoarseSpectrum | None = None
    """Meaning of the first decoded channels, if the latent is initialised with principal components."""


def extract_segments(values: Tensor, start: Tensor, count: int) -> Tensor:
    """`count` values of each row of [B, n] or [B, C, n] from `start` [B] on, zero outside of the row."""
    index = start[:, None] + torch.arange(count, device=values.device)
    inside = (index >= 0) & (index < values.shape[-1])
    index = index.clamp(0, values.shape[-1] - 1)
    if values.dim() == 3:
        index, inside = index[:, None].expand(-1, values.shape[1], -1), inside[:, None]
    return values.gather(-1, index) * inside
