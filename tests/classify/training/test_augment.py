import pytest
import torch

from drumspace.classify.training.augment import SpecMask, augment_waves, mixup_weights
from drumspace.classify.training.settings import AugmentParams

NONE = {
    "gain_db": 0, "shift_ms": 0, "speed": 0, "eq_db": 0, "noise_db": -120, "mask_bands": 0, "mask_frames": 0,
    "mixup": 0, "reverb": {"probability": 0, "seconds": 0.5}, "clipping": {"probability": 0, "drive_db": 12},
    "low_pass": {"probability": 0, "lowest_hz": 3000},
}  # fmt: skip
RATE = 16000


def test_augmentation_with_zero_settings_is_the_identity() -> None:
    wave = torch.randn(3, 1000)
    torch.testing.assert_close(augment_waves(wave, RATE, AugmentParams(**NONE)), wave)


def test_degradations_are_in_the_order_of_a_recording() -> None:
    torch.manual_seed(0)
    wave = torch.zeros(4, 8000)
    wave[:, 100] = 1
    changes = {
        "noise_db": -20, "clipping": {"probability": 1, "drive_db": 12},
        "low_pass": {"probability": 1, "lowest_hz": 1000},
    }  # fmt: skip
    changed = augment_waves(wave, RATE, AugmentParams(**{**NONE, **changes}))
    power = torch.fft.rfft(changed).abs().square()
    # The filter comes last: there is noise in the band that it leaves, and neither noise nor harmonics above it.
    edge = power.cumsum(dim=1).div(power.sum(dim=1, keepdim=True)).gt(0.999).float().argmax(dim=1)
    for spectrum, last in zip(power, edge.tolist(), strict=True):
        if last < 3000:
            assert spectrum[int(1.3 * last) :].max() < 1e-3 * spectrum.max()
    assert edge.min() < 3000
    assert (changed[:, 4000:].std(dim=1) > 1e-4).all()


def test_at_probability_0_no_random_number_is_drawn_for_degradations() -> None:
    wave = torch.randn(3, 1000)
    gain = {**NONE, "gain_db": 6}
    torch.manual_seed(0)
    augmented = augment_waves(wave, RATE, AugmentParams(**gain))
    torch.manual_seed(0)
    torch.rand(3, 1)  # the delay
    factor = 10 ** (6 * (2 * torch.rand(3, 1) - 1) / 20)
    torch.testing.assert_close(augmented, wave * factor)


def test_rooms_and_clipping_are_applied_with_their_own_settings() -> None:
    wave = torch.zeros(30, 8000)
    wave[:, 100:200] = torch.linspace(1, 0.1, 100)
    wet = augment_waves(wave, RATE, AugmentParams(**{**NONE, "reverb": {"probability": 1, "seconds": 0.5}}))
    assert (wet[:, 1000:].abs().amax(dim=1) > 0).all()
    cut = augment_waves(wave, RATE, AugmentParams(**{**NONE, "clipping": {"probability": 1, "drive_db": 12}}))
    assert (cut >= wave - 1e-6).all()
    # The drive is random: nearly all clips are cut by enough to see.
    assert (cut > wave + 1e-3).any(dim=1).sum() >= 25
    assert not cut[:, 200:].any()


def test_gain_stays_within_its_range() -> None:
    wave = torch.ones(500, 10)
    gain = 20 * augment_waves(wave, RATE, AugmentParams(**{**NONE, "gain_db": 6}))[:, 0].log10()
    assert -6 <= gain.min() < -5
    assert 5 < gain.max() <= 6.001


def test_delay_moves_an_impulse_later_by_at_most_the_setting() -> None:
    wave = torch.zeros(300, 1000)
    wave[:, 100] = 1
    moved = augment_waves(wave, RATE, AugmentParams(**{**NONE, "shift_ms": 10}))
    position = moved.argmax(dim=1)
    assert position.min() >= 100
    assert position.max() <= 100 + 160
    assert position.float().std() > 20
    torch.testing.assert_close(moved.sum(1), torch.ones(300), atol=1e-3, rtol=0)


def test_speed_scales_pitch() -> None:
    time = torch.arange(16000) / RATE
    wave = torch.sin(2 * torch.pi * 1000 * time).repeat(64, 1)
    moved = augment_waves(wave, RATE, AugmentParams(**{**NONE, "speed": 0.1}))
    pitch = torch.fft.rfft(moved[:, :12000]).abs().argmax(1) * RATE / 12000
    # Lengths are rounded to sizes with a fast Fourier transform, which moves a speed by up to 1.5 %.
    assert 885 <= pitch.min() < 940
    assert 1060 < pitch.max() <= 1115


def test_speed_keeps_the_level_of_high_frequencies() -> None:
    time = torch.arange(16000) / 44100
    wave = torch.sin(2 * torch.pi * 15000 * time).repeat(16, 1)
    moved = augment_waves(wave, 44100, AugmentParams(**{**NONE, "speed": 0.08}))[:, 500:14000]
    level = 20 * (moved.square().mean(dim=1).sqrt() / 0.5**0.5).log10()
    assert level.abs().max() < 0.2


def test_noise_level_is_at_most_the_setting_relative_to_the_peak() -> None:
    wave = torch.zeros(200, 4000)
    wave[:, 0] = 0.5
    noise = augment_waves(wave, RATE, AugmentParams(**{**NONE, "noise_db": -20}))[:, 1:].std(dim=1)
    level = 20 * (noise / 0.5).log10()
    assert -61 < level.min() < -50
    assert -25 < level.max() < -19


def test_mixup_weights_are_at_least_one_half_and_one_without_mixup() -> None:
    torch.manual_seed(0)
    weight, partner = mixup_weights(64, 0.4, torch.device("cpu"))
    assert weight.min() >= 0.5
    assert weight.max() <= 1
    assert sorted(partner.tolist()) == list(range(64))
    weight, partner = mixup_weights(4, 0, torch.device("cpu"))
    assert weight.flatten().tolist() == [1, 1, 1, 1]
    assert partner.tolist() == [0, 1, 2, 3]


def test_the_equaliser_is_smooth_with_gains_up_to_the_setting() -> None:
    torch.manual_seed(0)
    impulse = torch.zeros(100, 4096)
    impulse[:, 2000] = 1
    moved = augment_waves(impulse, RATE, AugmentParams(**{**NONE, "eq_db": 12}))
    response = 20 * torch.fft.rfft(moved).abs().log10()
    assert response.abs().max() <= 12.01
    assert response.std(dim=1).mean() > 3
    assert response.diff(dim=1)[:, 100:].abs().max() < 0.5
    assert (moved.abs().argmax(dim=1) == 2000).all()


@pytest.mark.parametrize("shares", [(0.25, 0.0), (0.0, 0.25), (0.25, 0.25)])
def test_the_mask_covers_at_most_its_share_and_only_in_training(shares: tuple[float, float]) -> None:
    torch.manual_seed(0)
    mask = SpecMask(AugmentParams(**{**NONE, "mask_bands": shares[0], "mask_frames": shares[1]}), value=-1.0)
    spectrum = torch.ones(200, 1, 12, 20)
    hidden = mask(spectrum) == -1
    bands = hidden.all(dim=3).sum(dim=2).flatten()
    frames = hidden.all(dim=2).sum(dim=2).flatten()
    assert bands.max() <= shares[0] * 12 + 1
    assert frames.max() <= shares[1] * 20 + 1
    assert (bands.max() > 0, frames.max() > 0) == (shares[0] > 0, shares[1] > 0)
    assert mask.eval()(spectrum) is spectrum
