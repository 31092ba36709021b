"""STFTs, powers and magnitudes, and the gradients of magnitudes, agree with torch.stft."""

import pytest
import torch

from drumspace.audio.spectral.stft import PadMode, stft, stft_magnitude, stft_power

CASES = [(64, 16, 40), (64, 12, 64), (48, 20, 30), (33, 7, 21)]


def reference(wave: torch.Tensor, n_fft: int, hop: int, pad_mode: str | None, win_length: int) -> torch.Tensor:
    window = torch.hann_window(win_length, dtype=wave.dtype)
    center = pad_mode is not None
    return torch.stft(
        wave, n_fft, hop, win_length, window, center=center, pad_mode=pad_mode or "constant", return_complex=True
    )


def reference_magnitude(
    wave: torch.Tensor, n_fft: int, hop: int, floor: float, pad_mode: str, win_length: int
) -> torch.Tensor:
    spectrum = reference(wave, n_fft, hop, pad_mode, win_length)
    return (spectrum.real.square() + spectrum.imag.square()).clamp(min=floor).sqrt()


@pytest.mark.parametrize("pad_mode", ["constant", "reflect", None])
@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (48, 20), (33, 7)])
@pytest.mark.parametrize("length", [200, 211])
def test_the_complex_transform_agrees_with_torch(pad_mode: PadMode | None, n_fft: int, hop: int, length: int) -> None:
    wave = torch.randn(2, 3, length, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    actual = stft(wave, n_fft, hop, pad_mode)
    expected = reference(wave.flatten(0, 1), n_fft, hop, pad_mode, n_fft)
    torch.testing.assert_close(actual, expected.unflatten(0, (2, 3)))
    if pad_mode == "constant":
        torch.testing.assert_close(stft_power(wave, n_fft, hop), actual.abs().square())


@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
@pytest.mark.parametrize(("n_fft", "hop", "window"), CASES)
@pytest.mark.parametrize("length", [200, 211, 40])
def test_magnitudes_and_gradients_agree_with_torch(
    n_fft: int, hop: int, window: int, length: int, pad_mode: PadMode
) -> None:
    wave = torch.randn(3, length, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    actual_wave, expected_wave = wave.clone().requires_grad_(), wave.clone().requires_grad_()
    actual = stft_magnitude(actual_wave, n_fft, hop, 1e-2, pad_mode, window)
    expected = reference_magnitude(expected_wave, n_fft, hop, 1e-2, pad_mode, window)
    torch.testing.assert_close(actual, expected)
    weights = torch.randn(actual.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for value in (actual, expected):
        (value.log() * weights + value * weights).sum().backward()
    torch.testing.assert_close(actual_wave.grad, expected_wave.grad)


def test_silence_has_the_floor_magnitude_and_no_gradient() -> None:
    wave = torch.zeros(1, 200, requires_grad=True)
    magnitudes = stft_magnitude(wave, 64, 16, 1e-7, "reflect", 40)
    torch.testing.assert_close(magnitudes, torch.full_like(magnitudes, 1e-7**0.5))
    magnitudes.log().sum().backward()
    assert wave.grad is not None and not wave.grad.any()
