import numpy as np
import torch

from drumspace.audio.spectral.settings import MelParams
from drumspace.classify.networks.front_end import AtRate, LogMel
from drumspace.classify.training.settings import AugmentParams, ClippingParams, LowPassParams, ReverbParams

RATE, LENGTH = 16000, 8000
AUGMENT = AugmentParams(
    gain_db=0, shift_ms=0, speed=0, eq_db=0, noise_db=-120, mask_bands=0.2, mask_frames=0.2, mixup=0,
    reverb=ReverbParams(probability=0, seconds=0.5), clipping=ClippingParams(probability=0, drive_db=12),
    low_pass=LowPassParams(probability=0, lowest_hz=3000),
)  # fmt: skip
MEL = MelParams(n_fft=512, hop_length=256, floor_db=-80, n_mels=24, fmin=20, fmax=None)


def test_log_mel_image_spans_minus_one_to_one_and_ignores_level() -> None:
    front_end = LogMel(MEL, RATE, AUGMENT).eval()
    wave = torch.randn(3, LENGTH) * torch.linspace(1, 0, LENGTH) ** 8
    picture = front_end(wave)
    assert picture.shape == (3, 1, 24, 32)
    torch.testing.assert_close(picture.amax(dim=(1, 2, 3)), torch.ones(3))
    assert picture.min() >= -1 - 1e-6
    torch.testing.assert_close(front_end(wave * 0.1), picture, atol=1e-3, rtol=0)


def test_the_spectrogram_is_computed_in_full_precision_under_autocast() -> None:
    front_end = LogMel(MEL, RATE, AUGMENT).eval()
    wave = torch.randn(2, LENGTH)
    exact = front_end(wave)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(front_end(wave), exact)


def test_resampling_keeps_pitch_and_short_sounds_are_padded() -> None:
    time = torch.arange(LENGTH) / RATE
    wave = 0.2 * torch.sin(2 * torch.pi * 1000 * time).unsqueeze(0)
    out = AtRate(RATE, 32000, min_seconds=1.0, peak_one=True)(wave)
    assert out.shape == (1, 32000)
    assert abs(float(out.abs().max()) - 1) < 0.01
    spectrum = np.abs(np.fft.rfft(out[0, :16000].numpy()))
    assert abs(spectrum.argmax() * 2 - 1000) <= 4
    assert (out[0, 16100:] == 0).all()
