"""A change of speed changes pitches alike and keeps their levels, up to the highest."""

import pytest
import torch

from drumspace.audio.spectral.speed import change_speed, resample

RATE = 8000


def spectrum_peak(wave: torch.Tensor) -> float:
    spectrum = torch.fft.rfft(wave * torch.hann_window(len(wave))).abs()
    return float(spectrum.argmax() * RATE / len(wave))


@pytest.mark.parametrize("pitch", [400.0, 2000.0, 3200.0])
@pytest.mark.parametrize("length", [3840, 4050])
def test_resampling_keeps_levels(pitch: float, length: int) -> None:
    (resampled,) = resample(torch.sin(2 * torch.pi * pitch * torch.arange(4000) / RATE)[None], [length])
    inside = resampled[200:3600]
    assert spectrum_peak(inside) == pytest.approx(pitch * 4000 / length, abs=3)
    assert inside.square().mean().sqrt() == pytest.approx(0.5**0.5, rel=0.02)


def test_each_wave_is_played_at_its_own_speed() -> None:
    wave = torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE).repeat(3, 1)
    slower, same, faster = change_speed(wave, [0.9, 1.0, 1.1])
    assert torch.allclose(same, wave[0], atol=1e-5)
    assert spectrum_peak(slower) == pytest.approx(900, rel=0.015)
    assert spectrum_peak(faster[: int(RATE / 1.1)]) == pytest.approx(1100, rel=0.015)
    assert not faster[-int(RATE * 0.08) :].any()
