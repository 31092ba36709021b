"""What a decoder gives."""

from typing import NamedTuple

from torch import Tensor


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
