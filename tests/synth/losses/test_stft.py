"""STFT losses agree with numpy and auraloss and have finite gradients."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from auraloss.freq import MultiResolutionSTFTLoss
from torch import Tensor

from drumspace.synth.losses.stft import (
    POWER_FLOOR,
    RESOLUTIONS,
    log_magnitude,
    magnitudes,
    spectral_convergence,
    spectral_terms,
)

LENGTH = 4410
TERMS = (spectral_convergence, log_magnitude)
Term = Callable[[Tensor, Tensor], Tensor]


def noise(count: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Noise of unit variance without silence: [count, LENGTH]."""
    return torch.randn(count, LENGTH, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("term", TERMS)
def test_the_loss_of_a_clip_with_itself_is_zero(term: Term) -> None:
    assert torch.equal(term(noise(3, 0), noise(3, 0)), torch.zeros(3, dtype=torch.float64))


@pytest.mark.parametrize("term", TERMS)
def test_a_clips_loss_does_not_change_with_its_neighbours(term: Term) -> None:
    loud = torch.tensor([[1.0], [100.0], [0.001]])
    generated, real = loud * noise(3, 0), loud.flip(0) * noise(3, 1)
    together = term(generated, real)
    assert together.shape == (3,)
    alone = torch.cat([term(generated[i : i + 1], real[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=0)


@pytest.mark.parametrize("scale", [0.25, 0.9, 1.5, 4.0])
def test_the_loss_of_a_scaled_clip_follows_from_the_scale(scale: float) -> None:
    """For a clip scaled by a, ‖Y − aY‖ / ‖Y‖ = |1 − a| and |log Y − log aY| = |log a|."""
    # The level is high enough that every bin is far above the floor.
    real = 1000 * noise(2, 0)
    convergence, difference = spectral_terms(scale * real, real)
    torch.testing.assert_close(convergence, torch.full_like(convergence, abs(1 - scale)), rtol=1e-6, atol=0)
    torch.testing.assert_close(difference, torch.full_like(difference, abs(math.log(scale))), rtol=1e-6, atol=0)


def test_the_sign_of_a_wave_does_not_matter() -> None:
    for term in TERMS:
        assert torch.equal(term(-noise(2, 0), noise(2, 0)), torch.zeros(2, dtype=torch.float64))


def test_both_terms_from_one_transform_equal_the_separate_terms() -> None:
    for joint, term in zip(spectral_terms(noise(3, 0), noise(3, 1)), TERMS, strict=True):
        assert torch.equal(joint, term(noise(3, 0), noise(3, 1)))


@pytest.mark.parametrize("silent", ["generated", "real", "both"])
def test_gradients_are_finite_for_silence(silent: str) -> None:
    generated = torch.zeros(2, LENGTH) if silent != "real" else noise(2, 0, torch.float32)
    real = torch.zeros(2, LENGTH) if silent != "generated" else noise(2, 1, torch.float32)
    generated.requires_grad_()
    convergence, difference = spectral_terms(generated, real)
    (convergence + difference).sum().backward()
    assert generated.grad is not None
    assert torch.isfinite(generated.grad).all()
    # Below the floor the loss is constant and has no gradient; above it every sample has one.
    assert (generated.grad != 0).any() == (silent == "real")
    if silent == "both":
        assert torch.equal(difference, torch.zeros(2))


@pytest.mark.parametrize("term", TERMS)
def test_gradients_reach_every_sample(term: Term) -> None:
    generated = noise(1, 0).requires_grad_()
    term(generated, noise(1, 1)).sum().backward()
    assert generated.grad is not None and (generated.grad != 0).all()


def numpy_magnitude(wave: np.ndarray, n_fft: int, hop_length: int, length: int) -> np.ndarray:
    """STFT magnitudes by numpy, with mirrored ends and windows centred in their frames: wave [T] → [bins, frames]."""
    window = np.zeros(n_fft)
    start = (n_fft - length) // 2
    window[start : start + length] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    padded = np.pad(wave, n_fft // 2, mode="reflect")
    frames = [padded[i : i + n_fft] * window for i in range(0, len(padded) - n_fft + 1, hop_length)]
    return np.sqrt(np.maximum(np.abs(np.fft.rfft(frames, axis=1).T) ** 2, POWER_FLOOR))


def test_spectral_convergence_agrees_with_numpy() -> None:
    # Half of the real sound is silent, so that the floor is compared too.
    generated, real = noise(1, 0), noise(1, 1)
    real[:, LENGTH // 2 :] = 0
    convergence, difference = [], []
    for resolution, actual in zip(RESOLUTIONS, magnitudes(real), strict=True):
        x, y = (numpy_magnitude(wave[0].numpy(), *resolution) for wave in (generated, real))
        assert actual[0].shape == y.shape
        np.testing.assert_allclose(actual[0].numpy(), y, rtol=1e-6, atol=1e-9)
        convergence.append(np.linalg.norm(y - x) / np.linalg.norm(y))
        difference.append(np.abs(np.log(y) - np.log(x)).mean())
    terms = spectral_terms(generated, real)
    np.testing.assert_allclose([float(term) for term in terms], [np.mean(convergence), np.mean(difference)], rtol=1e-6)


def test_loss_of_a_single_clip_agrees_with_auraloss() -> None:
    """auraloss takes one norm over the batch; for a single clip the definitions are the same."""
    generated, real = noise(1, 0, torch.float32), noise(1, 1, torch.float32)
    expected = MultiResolutionSTFTLoss(
        fft_sizes=[resolution.n_fft for resolution in RESOLUTIONS],
        hop_sizes=[resolution.hop_length for resolution in RESOLUTIONS],
        win_lengths=[resolution.window for resolution in RESOLUTIONS],
        eps=POWER_FLOOR,
    )(generated[:, None], real[:, None])
    actual = sum(spectral_terms(generated, real))
    torch.testing.assert_close(actual, expected.reshape(1), rtol=1e-5, atol=0)


def test_half_precision_inputs_are_computed_in_single_precision() -> None:
    generated, real = noise(1, 0, torch.bfloat16), noise(1, 1, torch.bfloat16)
    for joint, wide in zip(
        spectral_terms(generated, real), spectral_terms(generated.float(), real.float()), strict=True
    ):
        assert joint.dtype == torch.float32
        assert torch.equal(joint, wide)
