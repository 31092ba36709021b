"""Each term equals its formula; with two renderings unpredictable noise adds no loss."""

from typing import Any

import pytest
import torch

from drumspace.synth.losses import reconstruction
from drumspace.synth.losses.reconstruction import (
    Terms,
    compute_spectra,
    reconstruction_loss,
    sample_resolutions,
)
from drumspace.synth.losses.stft import RESOLUTIONS, log_magnitude, magnitudes, spectral_convergence

RATE, LENGTH = 8000, 8000
NO_TERMS: dict[str, Any] = {
    **dict.fromkeys(("sing_log", "log_magnitude", "spectral_convergence", "mel", "l1", "l2", "noise_ratio"), 0),
    "onset": 1,
    "num_renderings": 1,
    "resolutions": 3,
}


def terms(**changes: Any) -> Terms:
    return Terms(**{**NO_TERMS, **changes})


def distances(
    generated: torch.Tensor, real: torch.Tensor, settings: Terms, rate: int = RATE
) -> dict[str, torch.Tensor]:
    return reconstruction.distances(
        compute_spectra(generated, settings, rate), compute_spectra(real, settings, rate), settings, rate
    )


def noise(seed: int, count: int = 2, level: float = 1.0) -> torch.Tensor:
    return level * torch.randn(count, LENGTH, generator=torch.Generator().manual_seed(seed))


def test_terms_without_weight_are_not_computed_and_the_sum_is_weighted() -> None:
    x, y = noise(0), noise(1)
    assert set(distances(x, y, terms(mel=1, l2=3), RATE)) == {"mel", "l2"}
    settings = terms(l1=2, l2=3)
    values = distances(x, y, settings, RATE)
    torch.testing.assert_close(reconstruction_loss(x, None, y, settings, RATE), 2 * values["l1"] + 3 * values["l2"])
    torch.testing.assert_close(values["l1"], (x - y).abs().mean(dim=1))
    torch.testing.assert_close(values["l2"], (x - y).square().mean(dim=1))


def test_both_spectral_terms_equal_those_of_parallel_wavegan() -> None:
    x, y = noise(0), noise(1)
    values = distances(x, y, terms(log_magnitude=1, spectral_convergence=1), RATE)
    torch.testing.assert_close(values["log_magnitude"], log_magnitude(x, y))
    torch.testing.assert_close(values["spectral_convergence"], spectral_convergence(x, y))


def test_random_resolutions_give_the_same_loss_on_average() -> None:
    x, y = noise(0), noise(1)
    settings = terms(log_magnitude=1, spectral_convergence=1, resolutions=1)
    assert len(sample_resolutions(settings)) == 1 and len(sample_resolutions(terms(mel=1))) == 3
    torch.manual_seed(0)
    assert {resolution for _ in range(20) for resolution in sample_resolutions(settings)} == set(RESOLUTIONS)
    losses = [reconstruction_loss(x, None, y, settings, RATE, [resolution]) for resolution in RESOLUTIONS]
    torch.testing.assert_close(torch.stack(losses).mean(dim=0), reconstruction_loss(x, None, y, settings, RATE))


def test_the_sing_term_equals_its_formula() -> None:
    x, y = noise(0, level=0.05), noise(1, level=0.05)
    pairs = list(zip(magnitudes(x), magnitudes(y), strict=True))
    expected = sum((torch.log(1 + b**2) - torch.log(1 + a**2)).abs().mean(dim=(1, 2)) for a, b in pairs) / len(pairs)
    torch.testing.assert_close(distances(x, y, terms(sing_log=1), RATE)["sing_log"], expected)


@pytest.mark.parametrize("name", ["sing_log", "log_magnitude", "spectral_convergence", "mel", "l1", "l2"])
def test_the_onset_has_a_higher_weight_and_the_mean_weight_is_one(name: str) -> None:
    y = noise(1)
    early, late = y.clone(), y.clone()
    early[:, : RATE // 50] *= 2
    late[:, -RATE // 50 :] *= 2
    plain, emphasised = terms(**{name: 1}), terms(**{name: 1, "onset": 5})
    assert (distances(early, y, emphasised, RATE)[name] > 2 * distances(early, y, plain, RATE)[name]).all()
    assert (distances(late, y, emphasised, RATE)[name] < distances(late, y, plain, RATE)[name]).all()
    assert torch.allclose(distances(y, y, emphasised, RATE)[name], torch.zeros(2), atol=1e-5)


def test_noise_costs_more_than_pulses_per_bin_but_not_in_the_energy_distance() -> None:
    settings = terms(log_magnitude=1)
    y, x, other = noise(0, 8), noise(1, 8), noise(2, 8)
    # A pulse every 64 samples, as loud as the noise: the artefact of a frame-based decoder without noise.
    pulses = torch.zeros_like(y)
    pulses[:, ::64] = 8
    plain_distance = reconstruction_loss(x, None, y, settings, RATE)
    noise_distance = reconstruction_loss(x, other, y, settings, RATE)
    pulse_distance = reconstruction_loss(pulses, pulses, y, settings, RATE)
    torch.testing.assert_close(pulse_distance, reconstruction_loss(pulses, None, y, settings, RATE))
    assert noise_distance.mean() < 0.6 * plain_distance.mean()
    assert noise_distance.mean() < pulse_distance.mean()


def test_both_renderings_are_compared_at_the_level_of_the_real_sound() -> None:
    settings = terms(log_magnitude=1, spectral_convergence=1, mel=1, onset=2)
    y, x = noise(0), noise(1, level=2)
    for level in (0.0, 0.01, 1.0, 30.0):
        # The triangle inequality needs the same scale for all distances.
        assert (reconstruction_loss(x, noise(2, level=level), y, settings, RATE) > -1e-4).all()
    silent = reconstruction_loss(y, torch.zeros_like(y), y, terms(spectral_convergence=1), RATE)
    torch.testing.assert_close(silent, torch.zeros(2), atol=1e-4, rtol=0)


def test_gradients_are_finite_at_silence() -> None:
    x = torch.zeros(1, LENGTH, requires_grad=True)
    all_terms = terms(sing_log=1, log_magnitude=1, spectral_convergence=1, mel=1, l1=1, l2=1)
    reconstruction_loss(x, None, torch.zeros(1, LENGTH), all_terms, RATE).sum().backward()
    assert x.grad is not None and torch.isfinite(x.grad).all()


def test_a_loss_without_terms_raises_an_error() -> None:
    with pytest.raises(ValueError, match="at least one term"):
        terms()
