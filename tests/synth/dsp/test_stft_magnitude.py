"""STFT magnitudes and their gradients agree with torch.stft."""

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
    actual_wave, expected_wave = wave.clone().requires_grad_(), wave.clone().requires_grad_()
    hann = torch.hann_window(window, dtype=torch.float64)
    actual, expected = (
        f(w, n_fft, hop, hann, 1e-2) for f, w in ((stft_magnitude, actual_wave), (reference, expected_wave))
    )
    torch.testing.assert_close(actual, expected)
    weights = torch.randn(actual.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for value in (actual, expected):
        (value.log() * weights + value * weights).sum().backward()
    torch.testing.assert_close(actual_wave.grad, expected_wave.grad)


def test_silence_has_the_floor_magnitude_and_no_gradient() -> None:
    wave = torch.zeros(1, 200, requires_grad=True)
    magnitudes = stft_magnitude(wave, 64, 16, torch.hann_window(40), 1e-7)
    torch.testing.assert_close(magnitudes, torch.full_like(magnitudes, 1e-7**0.5))
    magnitudes.log().sum().backward()
    assert wave.grad is not None and not wave.grad.any()
