"""Clips start at the onset, have one level and length, and do not depend on the way the file was read."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumspace.audio.decode.clip import cut_clip, read_clip
from drumspace.audio.decode.decode import UnusableSound, read_mono
from drumspace.audio.decode.onset import find_onset
from drumspace.audio.format.settings import AudioParams

RATE = 44100
AUDIO = AudioParams(sample_rate=RATE, seconds=0.5, onset_db=-40, lead_ms=1, fade_ms=20, silence_dbfs=-60)
LEAD = 44


def hit(seconds: float = 0.2, rate: int = RATE, decay: float = 20) -> np.ndarray:
    """A decaying noise whose first sample is its loudest, 0.5: float32 [T]."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(3).uniform(-1, 1, len(time)) * np.exp(-decay * time)
    noise[0] = 1
    return (0.5 * noise / np.abs(noise).max()).astype(np.float32)


def silence(samples: int) -> np.ndarray:
    """Zeros: float32 [samples]."""
    return np.zeros(samples, np.float32)


@pytest.mark.parametrize("samples", [0, 1, LEAD, 1000, 20000, 200000])
def test_leading_silence_changes_nothing(samples: int) -> None:
    plain = cut_clip(np.concatenate([silence(LEAD), hit()]), RATE, AUDIO, -1)
    late = cut_clip(np.concatenate([silence(samples), hit()]), RATE, AUDIO, -1)
    lead = min(samples, LEAD)
    np.testing.assert_array_equal(late.pcm[lead:], plain.pcm[LEAD:])
    assert not late.pcm[:lead].any()
    assert late.seconds == pytest.approx((lead + len(hit())) / RATE)


def test_noise_below_the_threshold_is_cut_too() -> None:
    hiss = np.random.default_rng(4).uniform(-0.004, 0.004, 5000).astype(np.float32)  # −42 dB of the peak
    sound = np.concatenate([hiss, hit()])
    assert find_onset(sound, -40) == 5000
    assert cut_clip(sound, RATE, AUDIO, -1).pcm[LEAD] == cut_clip(hit(), RATE, AUDIO, -1).pcm[0]


@pytest.mark.parametrize("onset", [0, 4095, 4096, 10001])
def test_onset_is_the_first_loud_sample(onset: int) -> None:
    sound = silence(20000)
    sound[onset], sound[-1] = -0.011, 1.0
    assert find_onset(sound, -40) == onset


@pytest.mark.parametrize("gain", [1.0, 0.01, 1.9])
@pytest.mark.parametrize("level", [0.0, -1.0, -20.0])
def test_every_clip_has_one_level(gain: float, level: float) -> None:
    clip = cut_clip(hit() * np.float32(gain), RATE, AUDIO, level)
    assert np.abs(clip.pcm.astype(int)).max() == round(32767 * 10 ** (level / 20))
    assert clip.peak_dbfs == pytest.approx(20 * np.log10(0.5 * gain), abs=1e-3)


def test_a_gain_gives_the_same_clip() -> None:
    loud, quiet = (cut_clip(hit() * np.float32(gain), RATE, AUDIO, -1) for gain in (1.0, 0.25))
    np.testing.assert_array_equal(loud.pcm, quiet.pcm)


def test_a_long_sound_is_cut_and_faded() -> None:
    steady = np.full(RATE, 0.5, np.float32)
    steady[::2] *= -1
    clip = cut_clip(steady, RATE, AUDIO, -1)
    fade = round(RATE * 0.02)
    assert len(clip.pcm) == AUDIO.num_samples
    assert clip.seconds == 1.0
    assert len(set(np.abs(clip.pcm[:-fade]))) == 1
    assert clip.pcm[-1] == 0
    assert abs(clip.pcm[-fade // 2]) == pytest.approx(abs(clip.pcm[0]) / 2, rel=0.01)
    assert (np.diff(np.abs(clip.pcm[-fade:].astype(int))) <= 0).all()


def test_a_short_sound_is_not_faded() -> None:
    short = np.full(1000, 0.5, np.float32)
    short[::2] *= -1
    assert set(np.abs(cut_clip(short, RATE, AUDIO, -1).pcm)) == {round(32767 * 10 ** (-1 / 20))}


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("seconds", [0.01, 0.1234, 0.4999, 0.5, 0.7, 3.0])
def test_clips_have_the_same_length_at_any_rate(rate: int, seconds: float) -> None:
    clip = cut_clip(hit(seconds, rate), rate, AUDIO, -1)
    assert len(clip.pcm) == min(AUDIO.num_samples, round(round(seconds * rate) * RATE / rate))
    assert clip.pcm.dtype == np.int16


@pytest.mark.parametrize("rate", [22050, 48000, 96000])
@pytest.mark.parametrize("before", [0, 3000])
def test_another_rate_gives_the_same_clip(rate: int, before: int) -> None:
    def sound(rate: int) -> np.ndarray:
        time = np.arange(rate) / rate
        body = np.sin(2 * np.pi * 200 * time) * np.exp(-10 * time)
        return np.concatenate([silence(before * rate // RATE), body]).astype(np.float32)

    clip = cut_clip(sound(rate), rate, AUDIO, -1).pcm.astype(float)
    expected = cut_clip(sound(RATE), RATE, AUDIO, -1).pcm.astype(float)
    best = max(np.corrcoef(clip[100 + shift : 15000 + shift], expected[100:15000])[0, 1] for shift in range(-3, 4))
    assert best > 0.9999


@pytest.mark.parametrize("constant", [0.0, 0.3])
def test_silence_is_rejected(constant: float) -> None:
    with pytest.raises(UnusableSound, match="silent"):
        cut_clip(np.full(1000, constant, np.float32), RATE, AUDIO, -1)


@pytest.mark.parametrize(("rate", "channels"), [(44100, 1), (48000, 2)])
@pytest.mark.parametrize(
    "before",
    [0.0, 0.3, 4.0],
    ids=["at once", "late", "after seconds of hiss"],
)
def test_reading_only_the_beginning_gives_the_same_clip(
    tmp_path: Path, rate: int, channels: int, before: float
) -> None:
    hiss = np.random.default_rng(5).uniform(-0.001, 0.001, round(before * rate))
    sound = np.concatenate([hiss, hit(6.0, rate, decay=2)])
    soundfile.write(tmp_path / "a.flac", np.stack([sound] * channels, axis=1), rate)
    clip, info = read_clip(tmp_path / "a.flac", AUDIO, -1, 60)
    mono, _ = read_mono(tmp_path / "a.flac", 60)
    whole = cut_clip(mono, rate, AUDIO, -1)
    np.testing.assert_array_equal(clip.pcm, whole.pcm)
    assert (clip.seconds, clip.peak_dbfs, info.frames) == (whole.seconds, whole.peak_dbfs, len(sound))
