"""Coarse spectra follow the level; PCA initialisation makes a VAE reconstruct the levels of its sounds."""

from typing import Literal

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from drumspace.audio.spectral.mel import mel_interpolation
from drumspace.audio.spectral.settings import MelParams
from drumspace.synth.dsp.coarse_spectrum import POSTERIOR_ERROR, STEADY, CoarseSpectrum, PcaInit
from drumspace.synth.models.architectures import istft
from drumspace.synth.models.vae.vae import Vae

RATE, LENGTH, BANDS, TIME_STEPS, COARSE = 8000, 8000, 12, 2, 8
FRAMES = 1 + LENGTH // 64


def coarse_spectrum() -> CoarseSpectrum:
    return CoarseSpectrum(
        256, 64, torch.from_numpy(mel_interpolation(129, BANDS, RATE).T.copy()), FRAMES, COARSE, TIME_STEPS
    )


def decays(count: int = 40) -> Tensor:
    """Decaying noise of random levels and decay rates: [count, LENGTH]."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(count, LENGTH, generator=generator)
    rate = 2 + 20 * torch.rand(count, 1, generator=generator)
    return noise * torch.rand(count, 1, generator=generator) * torch.exp(-torch.arange(LENGTH) / RATE * rate)


def test_the_coarse_spectrum_follows_the_level_down_to_the_floor() -> None:
    wave = torch.randn(3, LENGTH, generator=torch.Generator().manual_seed(1))
    spectrum = coarse_spectrum()(wave)
    assert spectrum.shape == (3, BANDS * TIME_STEPS, COARSE)
    torch.testing.assert_close(coarse_spectrum()(10 * wave), spectrum + np.log(10), atol=1e-3, rtol=0)
    assert coarse_spectrum()(torch.zeros(1, LENGTH)).max().item() == pytest.approx(0.5 * np.log(1e-7), abs=1e-3)


def test_stationary_noise_is_rendered_with_the_level_of_its_bins() -> None:
    wave = torch.randn(16, LENGTH, generator=torch.Generator().manual_seed(1))
    interpolated = coarse_spectrum().interpolate(coarse_spectrum()(wave))
    assert interpolated.shape == (16, FRAMES, 129)
    power = torch.stft(wave, 256, 64, window=torch.hann_window(256), return_complex=True).abs().square()
    assert interpolated[:, 8:-8, 8:-8].mean().item() == pytest.approx(0.5 * power.mean().log().item(), abs=0.1)


def test_time_steps_and_bands_keep_their_positions() -> None:
    transform = coarse_spectrum()
    values = torch.zeros(1, BANDS * TIME_STEPS, COARSE)
    values.view(1, BANDS, TIME_STEPS, COARSE)[0, 5, 1, 3] = 1  # the eighth of 16 time steps
    interpolated = transform.interpolate(values)[0]
    frame, bin_ = divmod(int(interpolated.argmax()), 129)
    assert frame == pytest.approx(7 / 15 * (FRAMES - 1), abs=5)
    assert mel_interpolation(129, BANDS, RATE)[bin_].argmax() == 5


@pytest.mark.parametrize("kind", ["global", "frames"])
def test_components_are_principal_components_of_unit_variance(kind: Literal["global", "frames"]) -> None:
    pca_init, wave = PcaInit(coarse_spectrum(), 3, kind), decays()
    values = pca_init.coarse_spectrum(wave)
    basis, mean, log_variance = pca_init.fit(values)
    scores = pca_init(wave)
    assert scores.shape == ((40, 3) if kind == "global" else (40, 3, COARSE))
    flat_scores = scores if kind == "global" else scores.transpose(1, 2).flatten(0, 1)
    torch.testing.assert_close(flat_scores.var(dim=0), torch.ones(3), atol=0.01, rtol=0)
    rows = values.flatten(1) if kind == "global" else values.transpose(1, 2).flatten(0, 1)
    expected = PCA(3).fit(rows.numpy())
    reconstructed = STEADY * (flat_scores @ basis.T + mean)
    expected_rows = expected.inverse_transform(expected.transform(rows.numpy()))
    np.testing.assert_allclose(reconstructed.numpy(), expected_rows, atol=1e-3)
    # All posteriors change the spectrum by the same amount, but no more than the sounds vary.
    change = (STEADY * basis).square().sum(dim=0) * log_variance.exp()
    limit = POSTERIOR_ERROR**2 * rows.shape[1] / 3
    np.testing.assert_allclose(change.numpy(), np.minimum(expected.explained_variance_, limit), rtol=1e-3)


def test_fewer_sounds_than_latents_give_zero_components() -> None:
    pca_init = PcaInit(coarse_spectrum(), 9, "global")
    basis, _, log_variance = pca_init.fit(pca_init.coarse_spectrum(decays(4)))
    assert torch.isfinite(basis).all() and torch.isfinite(log_variance).all()
    assert basis[:, 4:].abs().max() == 0 and log_variance[4:].abs().max() == 0


@pytest.mark.parametrize("kind", ["global", "frames"])
def test_an_initialised_vae_decodes_the_levels_of_its_sounds(kind: Literal["global", "frames"]) -> None:
    torch.manual_seed(0)
    mel = MelParams(n_fft=256, hop_length=64, floor_db=-80, n_mels=16, fmin=20, fmax=None)
    settings = istft.Settings(
        n_fft=256,
        hop_length=64,
        width=8,
        features=8,
        bands=BANDS,
        time_steps=TIME_STEPS,
        mel=mel,
        channels=(8, 8, 8, 8),
    )
    vae, wave = Vae(istft.build(settings, RATE, LENGTH), kind, 6, 3, 5).eval(), decays()
    assert vae.pca_init is not None
    values = vae.pca_init.coarse_spectrum(wave)
    vae.init_from_pca(values)
    with torch.no_grad():
        decoded = vae.decode(vae.encode(wave).mean, torch.eye(4)[torch.zeros(40, dtype=int)]).wave  # type: ignore[call-overload]
    error = (vae.pca_init.coarse_spectrum(decoded) - values).abs().mean()
    assert error < 0.25 * (values - values.mean(dim=0)).abs().mean()
