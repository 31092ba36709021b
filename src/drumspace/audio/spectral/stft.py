"""Short-time Fourier transform: the one implementation behind features, losses, discriminators and metrics."""

from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional

from drumspace.audio.spectral.overlap_add import sum_frames

PadMode = Literal["constant", "reflect"]


def _frames(wave: Tensor, n_fft: int, hop_length: int, window: Tensor, pad_mode: PadMode | None) -> Tensor:
    """The part of the padded wave [B, T] that is under the windows of frames at every `hop_length` samples."""
    start = (n_fft - len(window)) // 2
    if pad_mode is None:
        last = (wave.shape[1] - n_fft) // hop_length
    else:
        last = wave.shape[1] // hop_length
        wave = functional.pad(wave.unsqueeze(1), (n_fft // 2, n_fft // 2), mode=pad_mode).squeeze(1)
    # Zeros on either side of the window change no magnitude: frames of the window's length, shifted, suffice.
    return wave[:, start : start + last * hop_length + len(window)]


def _transform(used: Tensor, n_fft: int, hop_length: int, window: Tensor) -> Tensor:
    return torch.fft.rfft(used.unfold(1, len(window), hop_length) * window, n=n_fft)


def stft(
    wave: Tensor, n_fft: int, hop_length: int, pad_mode: PadMode | None = "constant", win_length: int | None = None
) -> Tensor:
    """Complex STFT with a periodic Hann window of `win_length` samples, n_fft by default.

    wave: float32 or float64 [..., T]. Returns [..., n_fft // 2 + 1, frames]. pad_mode: frames are centred and the wave
    is padded by n_fft // 2 samples, with zeros (constant) or by reflection, so that frames = 1 + T // hop_length;
    None: the first frame starts with the wave. Phases are relative to the window's start, which for
    win_length = n_fft is the start of the frame, as in torch.stft.
    """
    window = torch.hann_window(win_length or n_fft, dtype=wave.dtype, device=wave.device)
    used = _frames(wave.reshape(-1, wave.shape[-1]), n_fft, hop_length, window, pad_mode)
    spectrum = _transform(used, n_fft, hop_length, window).transpose(1, 2)
    return spectrum.reshape(*wave.shape[:-1], *spectrum.shape[1:])


def squared_magnitude(spectrum: Tensor) -> Tensor:
    """|X|² of complex X of any shape: four times as fast as abs(), which guards against overflow of squares."""
    return spectrum.real.square() + spectrum.imag.square()


def stft_power(wave: Tensor, n_fft: int, hop_length: int) -> Tensor:
    """|STFT|² with a Hann window, frames centred, zeros beyond the ends (thesis eq. 2.2).

    wave: float [..., T]. Returns [..., n_fft // 2 + 1, 1 + T // hop_length].
    """
    return squared_magnitude(stft(wave, n_fft, hop_length))


class _Magnitude(torch.autograd.Function):
    """Autograd function of `stft_magnitude`.

    Autograd differentiates a real Fourier transform by a complex one of twice the size, and overlapping frames sample
    by sample; here the backward pass is one inverse real transform and an overlap-add.
    """

    @staticmethod
    def forward(ctx: Any, used: Tensor, window: Tensor, n_fft: int, hop_length: int, floor: float) -> Tensor:
        spectrum = _transform(used, n_fft, hop_length, window)
        magnitude = squared_magnitude(spectrum).clamp_(min=floor).sqrt_()
        ctx.save_for_backward(window, spectrum, magnitude)
        ctx.sizes = used.shape[1], n_fft, hop_length, floor
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


def stft_magnitude(
    wave: Tensor,
    n_fft: int,
    hop_length: int,
    floor: float,
    pad_mode: PadMode = "constant",
    win_length: int | None = None,
) -> Tensor:
    """|STFT| as by `stft`, of power at least `floor`, with a fast backward pass.

    wave: float [B, T]. Returns [B, n_fft // 2 + 1, 1 + T // hop_length]. The gradient is 0 where the power is below
    the floor; with floor 0 it is not defined at silence.
    """
    window = torch.hann_window(win_length or n_fft, dtype=wave.dtype, device=wave.device)
    used = _frames(wave, n_fft, hop_length, window, pad_mode)
    magnitude: Tensor = _Magnitude.apply(used, window, n_fft, hop_length, floor)  # type: ignore[no-untyped-call]
    return magnitude.transpose(1, 2)
