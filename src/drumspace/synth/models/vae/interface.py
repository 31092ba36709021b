"""What an architecture is, and what its decoder gives."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from drumspace.synth.dsp.coarse_spectrum import CoarseSpectrum


class Segment(NamedTuple):
    """A part of each sound of a batch: a step that looks at parts sees more sounds in its time."""

    start: Tensor
    """int [B]: where it begins, in hops of the decoder."""
    samples: int
    """How long it is: a multiple of the hop."""


class DecoderOutput(NamedTuple):
    """A batch of waves."""

    wave: Tensor
    """[B, T], or of a segment [B, its samples]."""
    second: Tensor | None = None
    """The same with other noise, where it was asked for and the decoder makes noise."""
    share: Tensor | None = None
    """Of a decoder that makes noise, the share it was told: [B, frames, bands], the frames of its `meter`."""
    lines: Tensor | None = None
    """And how far its lines stand out: [B, bands], as its `line_meter` measures it, beside `told`."""
    told: Tensor | None = None
    """The log magnitudes that lines are added to: [B, frames of the whole sound, bins], without a gradient."""


class Pair(NamedTuple):
    """An encoder and a decoder that fit each other, untrained."""

    encoder: nn.Module
    """Wave [B, T] → features [B, encoded, frames]."""
    decoder: nn.Module
    """(features [B, decoded, frames], generator, twice, segment) → DecoderOutput."""
    encoded: int
    decoded: int
    frames: int
    hop: int
    """Of the decoder (samples)."""
    sketch: CoarseSpectrum | None = None
    """What the first of the `decoded` channels are, where the latent begins with principal components."""


def part_of(values: Tensor, start: Tensor, count: int) -> Tensor:
    """`count` values of each row of [B, n] or [B, C, n], from `start` [B] on; zeros where there are none."""
    place = start[:, None] + torch.arange(count, device=values.device)
    inside = (place >= 0) & (place < values.shape[-1])
    place = place.clamp(0, values.shape[-1] - 1)
    if values.dim() == 3:
        place, inside = place[:, None].expand(-1, values.shape[1], -1), inside[:, None]
    return values.gather(-1, place) * inside
