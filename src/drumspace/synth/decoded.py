"""What an architecture is, and what its decoder gives."""

from typing import NamedTuple

from torch import Tensor, nn


class Decoded(NamedTuple):
    """A batch of waves, and what a decoder knows of them beside that."""

    wave: Tensor
    """[B, T]."""
    second: Tensor | None = None
    """The same with other noise, where it was asked for and the decoder makes noise."""
    log_magnitude: Tensor | None = None
    """Natural logarithm of the magnitudes it meant, [B, n_fft // 2 + 1, frames]: no loss of grain hides in it."""
    noise_share: Tensor | None = None
    """Of their power, what is noise, in [0, 1], of the same shape."""


class Pair(NamedTuple):
    """An encoder and a decoder that fit each other, untrained."""

    encoder: nn.Module
    """Wave [B, T] → features [B, encoded, frames]."""
    decoder: nn.Module
    """(features [B, decoded, frames], generator, twice) → Decoded."""
    encoded: int
    decoded: int
    frames: int
    hop: int
    """Of the decoder (samples)."""
