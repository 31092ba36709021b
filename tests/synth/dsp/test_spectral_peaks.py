"""The peakiness follows the height of spectral peaks at any level; white noise has no peaks."""

import pytest
import torch
from torch import Tensor

from drumspace.audio.spectral.mel import mel_interpolation
from drumspace.synth.dsp.spectral_peaks import PeakinessEstimator, random_peaks

RATE, N_FFT, HOP, BANDS = 44_100, 1024, 256, 32


def build_estimator() -> PeakinessEstimator:
    return PeakinessEstimator(N_FFT, HOP, torch.from_numpy(mel_interpolation(N_FFT // 2 + 1, BANDS, RATE).T.copy()))


def peaky_noise(spread: float, count: int = 8) -> Tensor:
    """Decaying noise filtered with random spectral peaks: [count, RATE]."""
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(count, RATE, generator=generator) * torch.exp(-torch.arange(RATE) / RATE * 4)
    window = torch.hann_window(N_FFT)
    spectrum = torch.stft(noise, N_FFT, HOP, window=window, return_complex=True)
    gain = (spread * random_peaks(count, N_FFT // 2 + 1, generator)).exp()
    return torch.istft(spectrum * gain.unsqueeze(2), N_FFT, HOP, window=window, length=RATE)


@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_peakiness_follows_the_height_of_the_peaks(spread: float) -> None:
    peakiness = build_estimator()(peaky_noise(spread))[:, BANDS // 2 : -2]
    assert peakiness.mean().item() == pytest.approx(spread, rel=0.3)


def test_white_noise_has_no_spectral_peaks() -> None:
    assert build_estimator()(peaky_noise(0.0))[:, 4:].mean().item() < 0.1


def test_peakiness_does_not_depend_on_the_level_and_silence_has_no_peaks() -> None:
    wave = peaky_noise(0.5)
    torch.testing.assert_close(build_estimator()(wave), build_estimator()(0.5 * wave), atol=0.02, rtol=0.05)
    assert build_estimator()(torch.zeros(1, RATE)).abs().max().item() == 0


def test_random_peaks_have_unit_variance_and_correlated_neighbours() -> None:
    peaks = random_peaks(200, 513, torch.Generator().manual_seed(0))
    assert peaks.var().item() == pytest.approx(1, abs=0.05)
    neighbours = (peaks[:, 1:] * peaks[:, :-1]).mean().item()
    assert 0.5 < neighbours < 0.8
    assert torch.equal(peaks, random_peaks(200, 513, torch.Generator().manual_seed(0)))


def test_the_distance_from_itself_is_zero() -> None:
    wave, estimator = peaky_noise(0.5), build_estimator()
    zeros = torch.zeros(len(wave), 1, 1)
    torch.testing.assert_close(estimator.distance(estimator(wave), zeros, wave), torch.zeros(len(wave)))
    torch.testing.assert_close(estimator.distance(estimator(wave) + 0.25, zeros, wave), torch.full((len(wave),), 0.25))


def test_peaks_in_the_log_magnitude_are_not_counted_twice() -> None:
    wave, estimator = peaky_noise(0.6), build_estimator()
    level, _ = estimator.log_magnitudes(wave)
    log_magnitude = level.mean(dim=1, keepdim=True).expand_as(level)
    assert estimator(wave, log_magnitude).mean() < 0.3 * estimator(wave).mean()
