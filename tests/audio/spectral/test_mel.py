"""The mel filterbank agrees with librosa, and its interpolation weights average neighbouring bands."""

import librosa
import numpy as np
import pytest
import torch

from drumspace.audio.spectral.mel import mel_filterbank, mel_interpolation
from drumspace.audio.spectral.transforms import mel_weights

RATE = 44100


@pytest.mark.parametrize(("area_one", "norm"), [(True, "slaney"), (False, None)])
@pytest.mark.parametrize("limits", [(0.0, None), (20.0, 16000.0)])
def test_the_filterbank_agrees_with_librosa(area_one: bool, norm: str | None, limits: tuple[float, float]) -> None:
    fmin, fmax = limits
    expected = librosa.filters.mel(sr=RATE, n_fft=1024, n_mels=64, fmin=fmin, fmax=fmax, htk=True, norm=norm)
    actual = mel_filterbank(RATE, 1024, 64, fmin, fmax, area_one)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=2e-5 * expected.max())


def test_a_filterbank_made_in_inference_mode_is_usable_in_training() -> None:
    with torch.inference_mode():
        bank = mel_weights(RATE, 512, 17)
    power = torch.rand(257, 3, requires_grad=True)
    (bank @ power).sum().backward()
    torch.testing.assert_close(power.grad, bank.sum(dim=0)[:, None].expand(257, 3))


def test_interpolation_weights_average_neighbouring_bands() -> None:
    bank = mel_interpolation(129, 12, 8000)
    np.testing.assert_allclose(bank.sum(axis=1), 1, rtol=1e-6)
    assert bank[0, 0] == 1 and bank[-1, -1] == 1
    assert ((bank > 0).sum(axis=1) <= 2).all()
