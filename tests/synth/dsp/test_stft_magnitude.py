"""The magnitudes are torch.stft's, and so are their gradients."""

import pytest
import torch

from drumspace.synth.dsp.stft_magnitude import stft_magnitude

CASES = [(64, 16, 40), (64, 12, 64), (48, 20, 30), (33, 7, 21)]


def reference(wave: torch.Tensor, n_fft: int, hop: int, window: torch.Tensor, floor: float) -> torch.Tensor:
    stft = torch.stft(wave, n_fft, hop, len(window), window, return_complex=True)
    return (stft.real.square() + stft.imag.square()).clamp(min=floor).sqrt()


@pytest.mark.parametrize(("n_fft", "hop", "window"), CASES)
@pytest.mark.parametrize("length", [200, 211, 40])
def test_magnitudes_and_gradients_agree_with_torch(n_fft: int, hop: int, window: int, length: int) -> None:
    wave = torch.randn(3, length, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours, theirs = wave.clone().requires_grad_(), wave.clone().requires_grad_()
    hann = torch.hann_window(window, dtype=torch.float64)
    found, expected = (f(w, n_fft, hop, hann, 1e-2) for f, w in ((stft_magnitude, ours), (reference, theirs)))
    torch.testing.assert_close(found, expected)
    weights = torch.randn(found.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for value in (found, expected):
        (value.log() * weights + value * weights).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_silence_has_the_floor_magnitude_and_no_gradient() -> None:
    wave = torch.zeros(1, 200, requires_grad=True)
    found = stft_magnitude(wave, 64, 16, torch.hann_window(40), 1e-7)
    torch.testing.assert_close(found, torch.full_like(found, 1e-7**0.5))
    found.log().sum().backward()
    assert wave.grad is not None and not wave.grad.any()
