"""Failures of a generator are counted by reason, and its valid sounds are kept."""

from collections.abc import Iterator

import numpy as np
import pytest

from drumspace.synth.evaluation.baselines import DrumMachine, Noise, RealClips, Silence
from drumspace.synth.sampling.generator import draw_sounds
from drumspace.taxonomy import CLASSES

T = 800


class Faulty:
    """Generator with a NaN in one of five sounds and silence in another; it fails after two toms."""

    conditional = True

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        wave = np.full((count, T), 0.5, dtype=np.float32)
        wave[::5, 3] = np.nan
        wave[1::5] = 0
        if label == "tom":
            yield wave[2:4]
            raise RuntimeError("out of breath\nand more")
        yield wave


def test_failures_are_counted_by_their_reason_and_the_rest_is_kept() -> None:
    counts = np.zeros(len(CLASSES), dtype=int)
    counts[[0, 7]] = 10
    result = draw_sounds(Faulty(), counts, 0, T)
    assert result.waves.shape == (6 + 2, T)
    assert result.requested.tolist() == [0] * 6 + [7] * 2
    assert result.failures == [
        {"what": "NaN or infinite samples", "count": 2},
        {"what": "silent", "count": 2},
        {"what": "failed: RuntimeError: out of breath", "count": 8},
    ]


class Mistaken:
    """Generator that returns one sound less than requested, or sounds of another length."""

    conditional = False

    def __init__(self, num_samples: int) -> None:
        self.num_samples = num_samples

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        yield np.ones((count - 1, self.num_samples), dtype=np.float32)


def test_missing_sounds_are_counted_without_an_error_too() -> None:
    assert draw_sounds(Mistaken(T), np.full(8, 1), 0, T).failures == [
        {"what": "not generated, without a reason", "count": 1}
    ]
    result = draw_sounds(Mistaken(T + 1), np.full(8, 1), 0, T)
    assert len(result.waves) == 0 and result.failures[0]["count"] == 8
    assert "(7, 801)" in result.failures[0]["what"]


def test_an_unconditional_generator_gets_one_request_for_all() -> None:
    counts = np.arange(8)
    result = draw_sounds(Noise(8000, T), counts, 0, T)
    assert result.waves.shape == (28, T)
    assert set(result.requested) == {-1}
    assert result.failures == []


def test_silence_is_kept_where_it_is_allowed() -> None:
    assert len(draw_sounds(Silence(T), np.full(8, 2), 0, T).waves) == 0
    kept = draw_sounds(Silence(T), np.full(8, 2), 0, T, allow_silence=True)
    assert kept.waves.shape == (16, T) and not kept.waves.any() and kept.failures == []


@pytest.mark.parametrize("generator", [DrumMachine(8000, T), Noise(8000, T)])
def test_one_seed_gives_the_same_bytes(generator: DrumMachine | Noise) -> None:
    counts = np.full(8, 3)
    first, second, third = (draw_sounds(generator, counts, seed, T).waves for seed in (4, 4, 5))
    assert first.tobytes() == second.tobytes() != third.tobytes()


def real_clips() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.uniform(-0.5, 0.5, (12, T)).astype(np.float32), np.array([0] * 5 + [3] * 7)


def test_real_clips_are_of_the_requested_class_and_never_twice() -> None:
    clips, labels = real_clips()
    real = RealClips(clips.__getitem__, np.arange(12), labels)
    crash = np.concatenate(list(real.batches("crash", 7, 0)))
    assert sorted(map(bytes, crash)) == sorted(map(bytes, clips[5:]))
    result = draw_sounds(real, np.array([3, 2, 0, 0, 0, 0, 0, 0]), 0, T)
    assert result.requested.tolist() == [0, 0, 0]
    assert result.failures == [{"what": "failed: ValueError: no real clip is a snare", "count": 2}]
    assert len(draw_sounds(real, np.array([9, 0, 0, 0, 0, 0, 0, 0]), 0, T).waves) == 5


def test_noise_has_the_level_of_its_setting() -> None:
    clips, labels = real_clips()
    plain = RealClips(clips.__getitem__, np.arange(12), labels)
    noisy = RealClips(clips.__getitem__, np.arange(12), labels, noise_db=-20)
    plain_waves, noisy_waves = (np.concatenate(list(source.batches("kick", 5, 3))) for source in (plain, noisy))
    peak = np.abs(plain_waves).max(axis=1)
    assert np.abs(noisy_waves - plain_waves).max(axis=1) / peak == pytest.approx(np.full(5, 0.1), rel=0.02)


def test_the_repeated_generator_returns_one_sound() -> None:
    clips, labels = real_clips()
    result = draw_sounds(RealClips(clips.__getitem__, np.arange(12), labels, repeated=True), np.full(8, 2), 0, T)
    assert len(result.waves) == 16 and len(np.unique(result.waves, axis=0)) == 1
