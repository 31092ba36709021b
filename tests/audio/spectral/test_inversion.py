"""Griffin-Lim inversion converges, keeps length and level, and depends on the seed alone."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torchaudio.functional import griffinlim

from drumspace.audio.spectral.inversion import griffin_lim, magnitude
from drumspace.audio.spectral.stft import stft_power

RATE, LENGTH = 44100, 11025
N_FFT, HOP = 1024, 256


@pytest.fixture(scope="module")
def drums() -> Tensor:
    """Three decaying sines and three noise bursts with the onset at sample 0, as in one-shots: [6, LENGTH]."""
    time = torch.arange(LENGTH) / RATE
    noise = torch.randn(3, LENGTH, generator=torch.Generator().manual_seed(0))
    tones = [torch.sin(2 * torch.pi * pitch * time) for pitch in (200, 800, 180)]
    decays = [torch.exp(-rate * time) for rate in (20, 30, 8, 5, 30, 80)]
    return torch.stack([sound * decay for sound, decay in zip([*tones, *noise], decays, strict=True)])


def inverted(wave: Tensor, iterations: int, seed: int = 0, momentum: float = 0.99) -> Tensor:
    return griffin_lim(magnitude(wave, N_FFT, HOP), N_FFT, HOP, wave.shape[1], iterations, momentum, seed)


def convergence(estimate: Tensor, real: Tensor) -> Tensor:
    """Spectral convergence of each clip at the resolution of the inversion: [B]."""
    target = magnitude(real, N_FFT, HOP)
    return (magnitude(estimate, N_FFT, HOP) - target).norm(dim=(1, 2)) / target.norm(dim=(1, 2))


def test_magnitude_is_the_root_of_stft_power(drums: Tensor) -> None:
    torch.testing.assert_close(magnitude(drums, N_FFT, HOP).square(), stft_power(drums, N_FFT, HOP))


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
@pytest.mark.parametrize("length", [1, 255, 256, 257, 1023, 1024, 1025, 5000])
def test_every_length_is_kept(length: int) -> None:
    wave = torch.randn(2, length, generator=torch.Generator().manual_seed(length))
    result = inverted(wave, iterations=2)
    assert result.shape == wave.shape and torch.isfinite(result).all()
    # The level of each wave stays within a factor of two, whatever the random phases.
    level_ratio = result.square().mean(dim=1).sqrt() / wave.square().mean(dim=1).sqrt()
    assert (level_ratio > 0.5).all() and (level_ratio < 2).all()


def test_spectral_convergence_falls_with_iterations(drums: Tensor) -> None:
    errors = torch.stack([convergence(inverted(drums, iterations), drums) for iterations in (0, 8, 64)])
    assert (errors[1] < 0.6 * errors[0]).all()
    assert (errors[2] < 0.8 * errors[1]).all()
    assert (errors[2] < 0.1).all()


def test_zero_padding_converges_further_than_mirror_padding(drums: Tensor) -> None:
    """torchaudio's Griffin-Lim mirrors the onset of a drum into its padding, where the spectrogram has zeros."""
    torch.manual_seed(0)
    window = torch.hann_window(N_FFT)
    mirrored = griffinlim(magnitude(drums, N_FFT, HOP), window, N_FFT, HOP, N_FFT, 1.0, 64, 0.99, LENGTH, True)
    assert convergence(inverted(drums, 64), drums).mean() < 0.5 * convergence(mirrored, drums).mean()


def test_momentum_converges_further_in_as_many_iterations(drums: Tensor) -> None:
    fast, plain = (convergence(inverted(drums, 32, momentum=momentum), drums) for momentum in (0.99, 0.0))
    assert fast.mean() < 0.8 * plain.mean()


def test_one_seed_gives_the_same_bytes_and_global_random_states_are_unchanged(drums: Tensor) -> None:
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    state, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = inverted(drums, 4, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], legacy)  # noqa: NPY002
    torch.manual_seed(6)
    assert torch.equal(inverted(drums, 4, seed=1), first)
    assert not torch.equal(inverted(drums, 4, seed=2), first)


def test_a_clip_does_not_depend_on_its_neighbours(drums: Tensor) -> None:
    assert torch.equal(inverted(drums, 4)[3:4], inverted(drums[3:4], 4))


def test_level_is_kept(drums: Tensor) -> None:
    torch.testing.assert_close(inverted(0.01 * drums, 8), 0.01 * inverted(drums, 8), atol=1e-4, rtol=0)


def test_silence_stays_silence() -> None:
    assert torch.equal(inverted(torch.zeros(2, 3000), 8), torch.zeros(2, 3000))


def test_dtype_is_kept(drums: Tensor) -> None:
    assert inverted(drums[:1].double(), 2).dtype == torch.float64


def test_wrong_spectrogram_length_and_momentum_above_1_raise_errors(drums: Tensor) -> None:
    spectrogram = magnitude(drums, N_FFT, HOP)
    with pytest.raises(ValueError, match=r"5000 samples have a spectrogram \[B, 513, 20\]"):
        griffin_lim(spectrogram, N_FFT, HOP, 5000, 4, 0.99, 0)
    with pytest.raises(ValueError, match=r"momentum 1\.5 is not in"):
        griffin_lim(spectrogram, N_FFT, HOP, LENGTH, 4, 1.5, 0)
