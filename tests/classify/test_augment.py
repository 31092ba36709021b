import pytest
import torch

from drumspace.classify.augment import SpecMask, augment_waves, mixup_weights
from drumspace.classify.params import AugmentParams

NONE = {"gain_db": 0, "shift_ms": 0, "speed": 0, "noise_db": -120, "mixup": 0}
RATE = 16000


def test_nothing_asked_for_changes_nothing() -> None:
    wave = torch.randn(3, 1000)
    torch.testing.assert_close(augment_waves(wave, RATE, AugmentParams(**NONE)), wave)


def test_gain_stays_within_its_range() -> None:
    wave = torch.ones(500, 10)
    gain = 20 * augment_waves(wave, RATE, AugmentParams(**{**NONE, "gain_db": 6}))[:, 0].log10()
    assert -6 <= gain.min() < -5
    assert 5 < gain.max() <= 6.001


def test_delay_moves_an_impulse_later_by_at_most_what_is_asked() -> None:
    wave = torch.zeros(300, 1000)
    wave[:, 100] = 1
    moved = augment_waves(wave, RATE, AugmentParams(**{**NONE, "shift_ms": 10}))
    place = moved.argmax(dim=1)
    assert place.min() >= 100
    assert place.max() <= 100 + 160
    assert place.float().std() > 20
    torch.testing.assert_close(moved.sum(1), torch.ones(300), atol=1e-3, rtol=0)


def test_speed_scales_pitch() -> None:
    time = torch.arange(16000) / RATE
    wave = torch.sin(2 * torch.pi * 1000 * time).repeat(64, 1)
    moved = augment_waves(wave, RATE, AugmentParams(**{**NONE, "speed": 0.1}))
    pitch = torch.fft.rfft(moved[:, :12000]).abs().argmax(1) * RATE / 12000
    assert 895 <= pitch.min() < 940
    assert 1060 < pitch.max() <= 1105


def test_noise_lies_under_the_peak_by_what_is_asked() -> None:
    wave = torch.zeros(200, 4000)
    wave[:, 0] = 0.5
    noise = augment_waves(wave, RATE, AugmentParams(**{**NONE, "noise_db": -20}))[:, 1:].std(dim=1)
    level = 20 * (noise / 0.5).log10()
    assert -61 < level.min() < -50
    assert -25 < level.max() < -19


def test_mixup_keeps_the_larger_share_and_off_is_off() -> None:
    torch.manual_seed(0)
    weight, partner = mixup_weights(64, 0.4, torch.device("cpu"))
    assert weight.min() >= 0.5
    assert weight.max() <= 1
    assert sorted(partner.tolist()) == list(range(64))
    weight, partner = mixup_weights(4, 0, torch.device("cpu"))
    assert weight.flatten().tolist() == [1, 1, 1, 1]
    assert partner.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("widest", [(3, 0), (0, 5), (3, 5)])
def test_mask_hides_at_most_its_width_and_only_in_training(widest: tuple[int, int]) -> None:
    torch.manual_seed(0)
    mask = SpecMask(*widest, value=-1.0)
    spectrum = torch.ones(200, 1, 12, 20)
    hidden = mask(spectrum) == -1
    bands = hidden.all(dim=3).sum(dim=2).flatten()
    frames = hidden.all(dim=2).sum(dim=2).flatten()
    assert bands.max() <= widest[0] + 1
    assert frames.max() <= widest[1] + 1
    assert hidden.any() == (max(widest) > 0)
    assert mask.eval()(spectrum) is spectrum
