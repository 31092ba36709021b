"""Spectrograms, mel spectrograms and MFCCs agree with librosa."""

import librosa
import numpy as np
import pytest
import torch

from drumspace.audio.spectral.settings import MelParams, MfccParams, SpecParams
from drumspace.audio.spectral.transforms import cepstrum, mel_spectrogram, mfcc, spectrogram

RATE = 44100
SPEC = {"n_fft": 1024, "hop_length": 256, "floor_db": -80.0}
MEL = {**SPEC, "n_mels": 64, "fmin": 20.0, "fmax": None}
TOLERANCE_DB = 0.02
"""Tolerance of the agreement with librosa, dB: librosa computes in float64, torch in float32."""


@pytest.fixture(scope="module")
def drum() -> np.ndarray:
    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 180 * time) * np.exp(-8 * time)
    return (0.6 * tone + 0.3 * rng.standard_normal(RATE) * np.exp(-25 * time)).astype(np.float32)


def librosa_db(values: np.ndarray) -> np.ndarray:
    return librosa.power_to_db(values, ref=1.0, amin=1e-10, top_db=80.0)


def test_spectrogram_agrees_with_librosa(drum: np.ndarray) -> None:
    expected = librosa_db(np.abs(librosa.stft(drum, n_fft=1024, hop_length=256, pad_mode="constant")) ** 2)
    actual = spectrogram(torch.from_numpy(drum), SpecParams(**SPEC)).numpy()
    assert actual.shape == expected.shape == (513, 173)
    assert np.abs(actual - expected).max() < TOLERANCE_DB


def test_mel_agrees_with_librosa(drum: np.ndarray) -> None:
    expected = librosa_db(
        librosa.feature.melspectrogram(
            y=drum, sr=RATE, n_fft=1024, hop_length=256, n_mels=64, fmin=20.0, htk=True, pad_mode="constant"
        )
    )
    actual = mel_spectrogram(torch.from_numpy(drum), RATE, MelParams(**MEL)).numpy()
    assert actual.shape == expected.shape
    assert np.abs(actual - expected).max() < TOLERANCE_DB


def test_mfcc_agrees_with_librosa(drum: np.ndarray) -> None:
    mel = librosa.feature.melspectrogram(
        y=drum, sr=RATE, n_fft=1024, hop_length=256, n_mels=64, fmin=20.0, htk=True, pad_mode="constant"
    )
    expected = librosa.feature.mfcc(S=librosa_db(mel), n_mfcc=20)
    actual = mfcc(torch.from_numpy(drum), RATE, MfccParams(**MEL, n_mfcc=20)).numpy()
    assert np.abs(actual - expected).max() < TOLERANCE_DB * 8  # the DCT is an orthonormal sum of 64 bands


def test_mel_bands_follow_formula_2_3() -> None:
    """A sine excites the band whose centre, equally spaced in m = 2595 log10(1 + f/700), is nearest."""
    params = MelParams(**{**MEL, "fmin": 0.0})
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    for frequency in (500.0, 2000.0, 9000.0):
        wave = torch.sin(2 * torch.pi * frequency * torch.arange(RATE) / RATE)
        band = int(mel_spectrogram(wave, RATE, params).mean(-1).argmax())
        expected = 2595 * np.log10(1 + frequency / 700) / top * 65 - 1
        assert abs(band - expected) <= 0.8


def test_level_shifts_decibels_and_nothing_else(drum: np.ndarray) -> None:
    wave = torch.from_numpy(drum)
    difference = mel_spectrogram(wave, RATE, MelParams(**MEL)) - mel_spectrogram(wave / 2, RATE, MelParams(**MEL))
    torch.testing.assert_close(difference, torch.full_like(difference, 6.0206), atol=1e-2, rtol=0)


def test_a_clip_does_not_depend_on_its_neighbours(drum: np.ndarray) -> None:
    wave = torch.from_numpy(drum)
    batch = torch.stack([wave, 0.001 * torch.randn(RATE), wave.flip(0)])
    for transform in (
        lambda x: spectrogram(x, SpecParams(**SPEC)),
        lambda x: mel_spectrogram(x, RATE, MelParams(**MEL)),
    ):
        torch.testing.assert_close(transform(batch)[0], transform(wave), atol=1e-3, rtol=0)


def test_silence_is_finite_and_cepstrum_keeps_energy() -> None:
    silent = mel_spectrogram(torch.zeros(RATE), RATE, MelParams(**MEL))
    assert torch.isfinite(silent).all()
    mel = torch.randn(64, 10)
    torch.testing.assert_close(cepstrum(mel, 64).square().sum(), mel.square().sum(), rtol=1e-4, atol=0)


def test_hop_longer_than_window_raises_an_error() -> None:
    with pytest.raises(ValueError, match="hop_length must not exceed n_fft"):
        SpecParams(n_fft=256, hop_length=512, floor_db=-80)
