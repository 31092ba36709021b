"""STFT magnitude with a fast backward pass.

Autograd differentiates a real Fourier transform by a complex one of twice the size, and overlapping frames sample by
sample; here the backward pass is one inverse real transform and an overlap-add.
"""

from typing import Any

import torch
from torch import Tensor

from drumspace.synth.dsp.overlap_add import sum_frames


class _Magnitude(torch.autograd.Function):
    """Autograd function of `stft_magnitude`."""

    @staticmethod
    def forward(ctx: Any, wave: Tensor, window: Tensor, n_fft: int, hop_length: int, floor: float) -> Tensor:
        spectrum = torch.fft.rfft(wave.unfold(1, len(window), hop_length) * window, n=n_fft)
        # Four times as fast as abs(), which guards against squares too large for their type.
        power = torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)
        magnitude = power.clamp_(min=floor).sqrt_()
        ctx.save_for_backward(window, spectrum, magnitude)
        ctx.sizes = wave.shape[1], n_fft, hop_length, floor
        return magnitude

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None, None]:
        window, spectrum, magnitude = ctx.saved_tensors
        length, n_fft, hop_length, floor = ctx.sizes
        # d|X| / dX is X / |X|, and 0 where the magnitude is the floor; of a real wave each bin but the first and the
        # last stands for its mirror image too, which the inverse counts and the forward transform did not.
        scale = gradients[0] * (n_fft / 2) / magnitude
        scale *= magnitude > floor**0.5
        scale[..., 0] *= 2
        if n_fft % 2 == 0:
            scale[..., -1] *= 2
        frames = torch.fft.irfft(spectrum * scale, n=n_fft)[..., : len(window)] * window
        return sum_frames(frames, hop_length, length), None, None, None, None


def stft_magnitude(wave: Tensor, n_fft: int, hop_length: int, window: Tensor, floor: float) -> Tensor:
    """|STFT| of `wave` [B, T], of power at least `floor`: [B, n_fft // 2 + 1, 1 + T // hop_length].

    Frames are centred, the wave is padded by reflection (T more than n_fft // 2), and `window` is centred in n_fft
    samples, as in torch.stft.
    """
    # Zeros on either side of the window change no magnitude: frames of the window's length, shifted, suffice.
    padded = torch.nn.functional.pad(wave.unsqueeze(1), (n_fft // 2, n_fft // 2), mode="reflect").squeeze(1)
    start = (n_fft - len(window)) // 2
    frames = 1 + wave.shape[1] // hop_length
    used = padded[:, start : start + (frames - 1) * hop_length + len(window)]
    magnitude: Tensor = _Magnitude.apply(used, window, n_fft, hop_length, floor)  # type: ignore[no-untyped-call]
    return magnitude.transpose(1, 2)
