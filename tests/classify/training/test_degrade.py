import pytest
import torch
from torch import Tensor

from drumspace.classify.training.degrade import add_reverb, clip_peaks, limit_bandwidth, room_responses
from drumspace.classify.training.settings import ClippingParams, LowPassParams, ReverbParams

RATE = 44100
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def hits(count: int = 16, seconds: float = 0.5) -> Tensor:
    """Noise that decays by 60 dB in a tenth of a second, after a lead of 1 ms."""
    time = torch.arange(round(seconds * RATE)) / RATE - 0.001
    return torch.randn(count, len(time)) * 10 ** (-30 * time) * (time >= 0) * 0.2


def degraded(name: str, wave: Tensor, probability: float) -> Tensor:
    if name == "reverb":
        return add_reverb(wave, RATE, ReverbParams(probability=probability, seconds=0.8))
    if name == "clipping":
        return clip_peaks(wave, ClippingParams(probability=probability, drive_db=15))
    return limit_bandwidth(wave, RATE, LowPassParams(probability=probability, lowest_hz=3000))


NAMES = ("reverb", "clipping", "low_pass")


@pytest.mark.parametrize("name", NAMES)
def test_a_share_of_the_clips_is_changed_and_all_keep_their_peak_and_shape(name: str) -> None:
    wave = hits(200, 0.1)
    changed = degraded(name, wave, 0.3)
    assert changed.shape == wave.shape
    rows = (changed != wave).any(dim=1)
    assert 0.15 < rows.float().mean() < 0.45
    torch.testing.assert_close(changed.abs().amax(dim=1), wave.abs().amax(dim=1))
    assert degraded(name, wave, 0) is wave
    assert (degraded(name, wave, 1) != wave).any(dim=1).all()


@pytest.mark.parametrize("name", NAMES)
def test_silence_stays_silence(name: str) -> None:
    assert not degraded(name, torch.zeros(3, 4410), 1).any()


@pytest.mark.parametrize("name", NAMES)
def test_the_batch_that_is_put_in_is_not_changed(name: str) -> None:
    wave = hits()
    copy = wave.clone()
    degraded(name, wave, 1)
    assert torch.equal(wave, copy)


def test_rooms_decay_in_their_time_below_the_direct_sound() -> None:
    responses = room_responses(300, RATE, 0.6, CPU)
    assert responses.shape == (300, round(0.6 * RATE))
    assert (responses[:, 0] == 1).all()
    assert not responses[:, 1:132].any()
    level = -10 * responses[:, 1:].square().sum(dim=1).log10()
    assert level.min() > -0.01
    assert level.max() < 15.01
    assert level.std() > 3
    # Backward integration (Schroeder 1965), between -5 and -25 dB of the noise.
    left = responses[:, 132:].square().flip(1).cumsum(1).flip(1)
    left = 10 * (left / left[:, :1]).log10()
    first, last = ((left < edge).float().argmax(dim=1) for edge in (-5, -25))
    seconds = (last - first) / RATE * 3
    assert 0.08 < seconds.min() < 0.15
    assert 0.5 < seconds.max() < 0.65


def test_reverb_is_the_convolution_with_a_room_and_does_not_wrap_around() -> None:
    impulse = torch.zeros(4, RATE)
    impulse[:, RATE // 2] = 0.5
    wet = degraded("reverb", impulse, 1)
    torch.manual_seed(0)
    torch.rand(4)  # the choice of clips
    responses = room_responses(4, RATE, 0.8, CPU)[:, : RATE // 2]
    torch.testing.assert_close(wet[:, RATE // 2 :], 0.5 * responses, atol=1e-5, rtol=0)
    assert wet[:, : RATE // 2].abs().max() < 1e-5


def test_clipping_cuts_at_most_its_drive() -> None:
    wave = torch.sin(2 * torch.pi * 100 * torch.arange(4410) / RATE).repeat(300, 1) * 0.7
    clipped = degraded("clipping", wave, 1)
    # The slope at the zero crossing grows by the drive.
    drive = 20 * (clipped[:, 1] / wave[:, 1]).log10()
    assert drive.min() >= -0.01
    assert drive.min() < 1
    assert 14 < drive.max() <= 15.01
    flat = (clipped >= 0.7 - 1e-4).float().mean(dim=1)
    assert flat[drive > 12].min() > 0.35
    assert clipped.max() <= 0.7 + 1e-6


def test_the_bandwidth_is_drawn_from_the_lowest_to_half_the_rate() -> None:
    impulse = torch.zeros(400, 4410)
    impulse[:, 2205] = 0.5
    narrow = degraded("low_pass", impulse, 1)
    assert (narrow.abs().argmax(dim=1) == 2205).all()
    response = torch.fft.rfft(narrow).abs()
    response = 20 * (response / response[:, 1:200].mean(dim=1, keepdim=True)).log10()
    hz = (response < -3).float().argmax(dim=1) * 10.0
    cutoff = hz[hz > 0]  # 0: the whole band is left
    assert 2950 <= cutoff.min() < 3300
    assert cutoff.max() > 19000
    assert 7000 < cutoff.median() < 9500  # evenly in octaves: sqrt(3000 * 22050) is 8130 Hz
    for row in range(400):
        if 0 < hz[row] < 14000:
            # 144 dB an octave are 84 dB at 1.5 times the frequency, less what the cut ends of the filter leave.
            assert response[row, int(1.5 * float(hz[row]) / 10) :].max() < -60


def test_the_ringing_before_an_onset_does_not_wrap_to_the_end_of_the_clip() -> None:
    impulse = torch.zeros(50, 4410)
    impulse[:, 44] = 0.5
    narrow = degraded("low_pass", impulse, 1)
    assert (narrow.abs().argmax(dim=1) == 44).all()
    assert narrow[:, 4000:].abs().max() < 1e-4


def test_a_batch_of_which_no_clip_is_drawn_stays_as_it_is() -> None:
    wave = torch.randn(2, 400)
    settings = ReverbParams(probability=1e-9, seconds=0.2)
    assert torch.equal(add_reverb(wave, 8000, settings), wave)
