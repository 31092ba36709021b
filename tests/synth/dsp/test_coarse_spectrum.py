"""A sketch tells levels, its components are principal ones, and a VAE that begins with them gives sketches back."""

from typing import Literal

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from drumspace.audio.spectral.settings import MelParams
from drumspace.synth.dsp.coarse_spectrum import STEADY, WRONG, CoarseSpectrum, PcaInit
from drumspace.synth.models.architectures import istft
from drumspace.synth.models.architectures.istft import band_weights
from drumspace.synth.models.vae.vae import Vae

RATE, LENGTH, BANDS, MOMENTS, COARSE = 8000, 8000, 12, 2, 8
FRAMES = 1 + LENGTH // 64


def sketch() -> CoarseSpectrum:
    return CoarseSpectrum(256, 64, band_weights(129, BANDS, RATE).T.contiguous(), FRAMES, COARSE, MOMENTS)


def decays(count: int = 40) -> Tensor:
    """Noise of many levels and lengths: [count, LENGTH]."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(count, LENGTH, generator=generator)
    rate = 2 + 20 * torch.rand(count, 1, generator=generator)
    return noise * torch.rand(count, 1, generator=generator) * torch.exp(-torch.arange(LENGTH) / RATE * rate)


def test_a_sketch_rises_with_the_level_and_knows_silence() -> None:
    wave = torch.randn(3, LENGTH, generator=torch.Generator().manual_seed(1))
    found = sketch()(wave)
    assert found.shape == (3, BANDS * MOMENTS, COARSE)
    torch.testing.assert_close(sketch()(10 * wave), found + np.log(10), atol=1e-3, rtol=0)
    assert sketch()(torch.zeros(1, LENGTH)).max().item() == pytest.approx(0.5 * np.log(1e-7), abs=1e-3)


def test_steady_noise_is_drawn_with_the_level_of_its_bins() -> None:
    wave = torch.randn(16, LENGTH, generator=torch.Generator().manual_seed(1))
    drawn = sketch().drawn(sketch()(wave))
    assert drawn.shape == (16, FRAMES, 129)
    power = torch.stft(wave, 256, 64, window=torch.hann_window(256), return_complex=True).abs().square()
    assert drawn[:, 8:-8, 8:-8].mean().item() == pytest.approx(0.5 * power.mean().log().item(), abs=0.1)


def test_a_moment_and_a_band_are_where_they_are() -> None:
    made = sketch()
    values = torch.zeros(1, BANDS * MOMENTS, COARSE)
    values.view(1, BANDS, MOMENTS, COARSE)[0, 5, 1, 3] = 1  # the eighth of 16 moments
    drawn = made.drawn(values)[0]
    frame, bin_ = divmod(int(drawn.argmax()), 129)
    assert frame == pytest.approx(7 / 15 * (FRAMES - 1), abs=5)
    assert band_weights(129, BANDS, RATE)[bin_].argmax() == 5


@pytest.mark.parametrize("kind", ["global", "frames"])
def test_components_are_the_principal_ones_and_have_variance_one(kind: Literal["global", "frames"]) -> None:
    principal, wave = PcaInit(sketch(), 3, kind), decays()
    values = principal.sketch(wave)
    back, mean, log_variance = principal.fit(values)
    scores = principal(wave)
    assert scores.shape == ((40, 3) if kind == "global" else (40, 3, COARSE))
    of_each = scores if kind == "global" else scores.transpose(1, 2).flatten(0, 1)
    torch.testing.assert_close(of_each.var(dim=0), torch.ones(3), atol=0.01, rtol=0)
    rows = values.flatten(1) if kind == "global" else values.transpose(1, 2).flatten(0, 1)
    expected = PCA(3).fit(rows.numpy())
    remade = STEADY * (of_each @ back.T + mean)
    wanted = expected.inverse_transform(expected.transform(rows.numpy()))
    np.testing.assert_allclose(remade.numpy(), wanted, atol=1e-3)
    # Each posterior moves a sketch as far as any other: none more than its sounds lie apart.
    moved = (STEADY * back).square().sum(dim=0) * log_variance.exp()
    allowed = WRONG**2 * rows.shape[1] / 3
    np.testing.assert_allclose(moved.numpy(), np.minimum(expected.explained_variance_, allowed), rtol=1e-3)


def test_sounds_fewer_than_latents_leave_the_last_ones_without_a_component() -> None:
    principal = PcaInit(sketch(), 9, "global")
    back, _, log_variance = principal.fit(principal.sketch(decays(4)))
    assert torch.isfinite(back).all() and torch.isfinite(log_variance).all()
    assert back[:, 4:].abs().max() == 0 and log_variance[4:].abs().max() == 0


@pytest.mark.parametrize("kind", ["global", "frames"])
def test_a_vae_begins_with_the_levels_of_its_sounds(kind: Literal["global", "frames"]) -> None:
    torch.manual_seed(0)
    mel = MelParams(n_fft=256, hop_length=64, floor_db=-80, n_mels=16, fmin=20, fmax=None)
    settings = istft.Settings(
        n_fft=256, hop_length=64, width=8, features=8, bands=BANDS, sketch=MOMENTS, mel=mel, channels=(8, 8, 8, 8)
    )
    vae, wave = Vae(istft.build(settings, RATE, LENGTH), kind, 6, 3, 5).eval(), decays()
    assert vae.principal is not None
    values = vae.principal.sketch(wave)
    vae.begin(values)
    with torch.no_grad():
        made = vae.decode(vae.encode(wave).mean, torch.eye(4)[torch.zeros(40, dtype=int)]).wave  # type: ignore[call-overload]
    away = (vae.principal.sketch(made) - values).abs().mean()
    assert away < 0.25 * (values - values.mean(dim=0)).abs().mean()
