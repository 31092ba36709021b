"""Tone frequencies follow from magnitudes; the estimated noise ratio follows the mixture of tone and noise."""

import math

import pytest
import torch

from drumspace.audio.spectral.mel import mel_interpolation
from drumspace.synth.dsp.noise_ratio import NoiseRatioEstimator, tone_offset

RATE, LENGTH, BANDS = 8000, 8000, 12
TIME = torch.arange(LENGTH) / RATE


def build_estimator() -> NoiseRatioEstimator:
    return NoiseRatioEstimator(256, 64, torch.from_numpy(mel_interpolation(129, BANDS, RATE).T.copy()))


def noise(count: int = 4) -> torch.Tensor:
    return 0.1 * torch.randn(count, LENGTH, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("bin_position", [20.0, 20.3, 20.49])
def test_the_frequency_of_a_tone_follows_from_magnitude_ratios(bin_position: float) -> None:
    wave = torch.sin(2 * math.pi * bin_position * RATE / 256 * TIME)
    magnitude = torch.stft(wave, 256, 64, window=torch.hann_window(256), return_complex=True).abs()[:, 20].clamp(1e-6)
    offsets = tone_offset(magnitude.log().view(1, 1, -1))[0, 0]
    for bin_ in (20, 21):
        assert float(offsets[bin_]) == pytest.approx(bin_position - bin_, abs=0.02)


def test_noise_ratio_is_one_for_noise_and_zero_for_a_tone() -> None:
    estimator = build_estimator()
    noise_ratio, level = estimator(noise())
    assert noise_ratio.shape == level.shape == (4, 1 + LENGTH // 64, BANDS)
    assert noise_ratio.mean() > 0.85
    noise_ratio, level = estimator(torch.sin(2 * math.pi * 437 * TIME)[None])
    loudest = level[0].mean(dim=0).argmax()
    assert noise_ratio[0, 4:-8, loudest].max() < 0.1


def test_noise_ratio_of_a_gliding_tone_is_near_zero() -> None:
    glide = torch.sin(2 * math.pi * torch.cumsum(300 + 600 * torch.exp(-TIME / 0.3), 0) / RATE)[None]
    noise_ratio, level = build_estimator()(glide)
    weight = level[0, 4:-8]
    assert (noise_ratio[0, 4:-8] * weight).sum() / weight.sum() < 0.3


def test_more_noise_has_a_higher_ratio() -> None:
    estimator, tone = build_estimator(), torch.sin(2 * math.pi * 437 * TIME)[None]
    band = int(estimator(tone)[1][0].mean(dim=0).argmax())
    means = [float(estimator(tone + level * noise(1))[0][0, 4:-8, band].mean()) for level in (0, 3, 10, 30)]
    assert means == sorted(means)


def test_the_distance_from_itself_is_zero_and_does_not_depend_on_the_batch() -> None:
    estimator, waves = build_estimator(), noise()
    waves[1] = torch.sin(2 * math.pi * 437 * TIME)
    noise_ratio, generated = estimator(waves)[0], waves.flip(0)
    torch.testing.assert_close(estimator.distance(noise_ratio, waves, waves), torch.zeros(4))
    batched = estimator.distance(noise_ratio, generated, waves)
    slices = [slice(row, row + 1) for row in range(4)]
    separate = torch.cat([estimator.distance(noise_ratio[row], generated[row], waves[row]) for row in slices])
    torch.testing.assert_close(batched, separate)
    assert batched[1] > 0.3


def test_the_gradient_lowers_the_ratio_of_too_noisy_sounds_and_raises_that_of_too_tonal_ones() -> None:
    estimator, tone = build_estimator(), torch.sin(2 * math.pi * 437 * TIME)[None]
    band = int(estimator(tone)[1][0].mean(dim=0).argmax())
    for generated, real, sign in ((noise(1), tone, 1), (tone, noise(1), -1)):
        # The ratio predicted is that of the real sound; the loss depends on the ratio measured in the generated one.
        noise_ratio = estimator(real)[0].requires_grad_()
        estimator.distance(noise_ratio, generated, real).sum().backward()
        assert noise_ratio.grad is not None
        assert (sign * noise_ratio.grad[0, 4:-8, band] > 0).all()


def test_silence_has_a_finite_distance() -> None:
    estimator = build_estimator()
    silent = torch.zeros(1, LENGTH)
    noise_ratio = estimator(silent)[0].requires_grad_()
    value = estimator.distance(noise_ratio, silent, silent)
    value.sum().backward()
    assert torch.isfinite(value).all() and noise_ratio.grad is not None and torch.isfinite(noise_ratio.grad).all()
