"""Every condition of the robustness benchmark does to a signal what its name says, and nothing else."""

import io
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from drumspace.errors import UserError

RATE = 44100
LEAD = 44
"""Samples before the onset."""


@pytest.fixture
def degradations(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks._lib import degradations

    return degradations


def tone(*frequencies: float, decay: float = 6.0) -> np.ndarray:
    """Decaying sines (Hz) after a lead of 1 ms, int16 [44100], with a peak at -1 dB."""
    time = np.arange(RATE - LEAD) / RATE
    wave = np.exp(-decay * time) * sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies)
    return np.pad(np.round(wave / np.abs(wave).max() * 29204), (LEAD, 0)).astype(np.int16)


def noise(seconds: float = 0.2) -> np.ndarray:
    """Noise that decays by 60 dB in `seconds` after a lead of 1 ms, int16 [44100]."""
    time = np.arange(RATE - LEAD) / RATE
    wave = np.random.default_rng(0).uniform(-1, 1, len(time)) * 10 ** (-3 * time / seconds)
    return np.pad(np.round(wave / np.abs(wave).max() * 29204), (LEAD, 0)).astype(np.int16)


def strongest(pcm: np.ndarray) -> float:
    """Frequency of the strongest spectral line (Hz)."""
    return float(np.abs(np.fft.rfft(pcm, 8 * RATE)).argmax()) / 8


def band_energy(pcm: np.ndarray, low: float, high: float) -> float:
    """Energy between two frequencies (Hz)."""
    power = np.abs(np.fft.rfft(pcm.astype(np.float64))) ** 2
    frequency = np.fft.rfftfreq(len(pcm), 1 / RATE)
    return float(power[(frequency >= low) & (frequency < high)].sum())


def onset(pcm: np.ndarray) -> int:
    """First sample within 30 dB of the peak."""
    return int(np.argmax(np.abs(pcm) >= np.abs(pcm).max() / 31.6))


@pytest.mark.parametrize(("condition", "factor"), [("up", 2**0.25), ("down", 2**-0.25)])
@pytest.mark.parametrize("frequency", [60, 220, 3000])
def test_pitch_moves_by_three_semitones_and_the_decay_stays(
    degradations: ModuleType, condition: str, factor: float, frequency: float
) -> None:
    clip = tone(frequency)
    shifted = degradations.degrade(clip[None], f"pitch 3 semitones {condition}", RATE)[0]
    assert strongest(shifted) == pytest.approx(frequency * factor, rel=0.01)
    before, after = (
        [np.abs(wave[start : start + 4410].astype(float)).max() for start in (4410, 22050)] for wave in (clip, shifted)
    )
    assert after[1] / after[0] == pytest.approx(before[1] / before[0], rel=0.25)


def test_pitch_shifting_smears_an_attack_by_less_than_15_ms(degradations: ModuleType) -> None:
    attack = RATE // 10
    wave = np.pad(noise(), (attack, 0))[:RATE]
    for condition in ("pitch 3 semitones up", "pitch 3 semitones down"):
        shifted = degradations.degrade(wave[None], condition, RATE)[0].astype(float)
        early, whole = (shifted[:end] @ shifted[:end] for end in (attack + LEAD - RATE * 15 // 1000, RATE))
        assert early < 1e-4 * whole


def test_a_room_decays_by_60_db_in_its_time_with_as_much_energy_as_the_direct_sound(degradations: ModuleType) -> None:
    response = degradations.room_response(np.random.default_rng(3), RATE, seconds=0.4)
    assert response[0] == 1
    assert (response[1:] ** 2).sum() == pytest.approx(1)
    left = 10 * np.log10(np.cumsum((response**2)[::-1])[::-1])
    # Backward integration (Schroeder 1965): the slope between -10 and -40 dB.
    first, last = (int(np.argmax(left < level)) for level in (-10, -40))
    assert (last - first) / RATE * 2 == pytest.approx(0.4, rel=0.1)


def test_reverb_lengthens_a_short_sound_keeps_its_onset_and_is_the_same_for_the_same_clip(
    degradations: ModuleType,
) -> None:
    clips = np.stack([noise(0.1), tone(200, decay=60)])
    wet = degradations.degrade(clips, "room reverb", RATE)
    for before, after in zip(clips, wet, strict=True):
        late = slice(RATE // 4, RATE // 2)
        assert np.abs(after[late].astype(int)).mean() > 20 * np.abs(before[late].astype(int)).mean() + 1
        assert abs(onset(after) - onset(before)) < 10
    np.testing.assert_array_equal(degradations.degrade(clips[::-1], "room reverb", RATE), wet[::-1])
    # Another clip sounds in another room.
    first, second = (degradations.add_reverb(np.eye(1, 9000, k, dtype=np.float32)[0], RATE) for k in (0, 1))
    assert np.abs(first[:-1000] - second[1:-999]).max() > 0.05


def test_mp3_has_the_bit_rate_and_keeps_length_and_onset_but_not_the_samples(
    degradations: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    read = degradations.soundfile.read

    def read_and_note_the_size(file: io.BytesIO, **options: str) -> tuple[np.ndarray, int]:
        sizes.append(len(file.getvalue()))
        return read(file, **options)

    monkeypatch.setattr(degradations.soundfile, "read", read_and_note_the_size)
    clip = noise(0.6)
    coded, coded_tone = degradations.degrade(np.stack([clip, tone(200, 900)]), "MP3 at 128 kbit/s", RATE)
    # One second, and at most three frames of 418 bytes for the header, the delay and the padding.
    assert 16000 <= sizes[0] <= 16000 + 3 * 418
    assert abs(onset(coded) - onset(clip)) < 50
    lags = np.correlate(coded[:6000].astype(float), clip[:6000].astype(float), "full")
    assert lags.argmax() == 5999
    # The encoder leaves out the highest band of noise; tones are hardly changed.
    assert band_energy(coded, 20500, 22050) < 0.01 * band_energy(clip, 20500, 22050)
    assert 0.999 < np.corrcoef(coded_tone, tone(200, 900))[0, 1] < 1


def test_mp3_at_a_low_rate_is_an_error(degradations: ModuleType) -> None:
    with pytest.raises(UserError, match="MP3 of 128 kbit/s needs 32"):
        degradations.degrade(noise()[None], "MP3 at 128 kbit/s", 16000)


def test_clipping_makes_flat_tops_and_odd_harmonics_at_the_same_peak(degradations: ModuleType) -> None:
    clip = tone(500, decay=1)
    clipped = degradations.degrade(clip[None], "clipped by 12 dB", RATE)[0]
    limit = np.abs(clip).max()
    assert np.abs(clipped).max() == limit
    assert np.mean(np.abs(clipped) == limit) > 0.5
    assert band_energy(clipped, 1400, 1600) > 0.03 * band_energy(clipped, 400, 600)
    assert band_energy(clip, 1400, 1600) < 1e-4 * band_energy(clip, 400, 600)
    # Samples 12 dB and more below the peak are scaled, not cut.
    quiet = np.abs(clip) < 0.25 * limit
    np.testing.assert_allclose(clipped[quiet], clip[quiet] * 10 ** (12 / 20), atol=3)


def test_the_quieter_clip_has_a_quarter_of_the_amplitude(degradations: ModuleType) -> None:
    clip = tone(100, 5000)
    quiet = degradations.degrade(clip[None], "12 dB quieter", RATE)[0]
    np.testing.assert_allclose(quiet, clip * 10 ** (-12 / 20), atol=0.51)


def test_resampling_removes_what_is_above_4_khz_without_aliases(degradations: ModuleType) -> None:
    clip = tone(1000, 6500)
    narrow = degradations.degrade(clip[None], "resampled to 8 kHz", RATE)[0]
    assert band_energy(narrow, 4100, 22050) < 1e-5 * band_energy(clip, 4100, 22050)
    # 6500 Hz would fold to 1500 Hz.
    assert band_energy(narrow, 1400, 1600) < 0.002 * band_energy(narrow, 900, 1100)
    assert strongest(narrow) == pytest.approx(1000, abs=1)
    assert len(narrow) == len(clip)


def test_the_late_onset_is_preceded_by_silence_and_the_end_is_faded(degradations: ModuleType) -> None:
    clip = tone(300, decay=0.1)
    late = degradations.degrade(clip[None], "onset 20 ms late", RATE)[0]
    assert not late[: 882 + LEAD].any()
    np.testing.assert_allclose(late[882:-882], clip[: -2 * 882], atol=20)
    assert abs(int(late[-1])) < 100


@pytest.mark.parametrize("name", ["room reverb", "MP3 at 128 kbit/s", "clipped by 12 dB", "resampled to 8 kHz"])
def test_the_peak_stays_where_the_level_is_not_the_condition(degradations: ModuleType, name: str) -> None:
    clips = np.stack([noise(), tone(80), np.zeros(RATE, np.int16)])
    degraded = degradations.degrade(clips, name, RATE)
    assert degraded.dtype == np.int16
    np.testing.assert_allclose(np.abs(degraded).max(axis=1), np.abs(clips).max(axis=1), atol=1)


def test_clean_clips_are_the_clips(degradations: ModuleType) -> None:
    clips = np.stack([noise(), tone(80)])
    assert degradations.degrade(clips, "clean", RATE) is clips
    assert degradations.CONDITIONS[0] == "clean"
    assert len(degradations.CONDITIONS) == 9
