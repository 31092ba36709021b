"""One-shots have one hit; loops, rolls and multi-hits are found with their tempo."""

from collections.abc import Callable

import numpy as np
import pytest

from drumspace.audio.analysis.hits import LOOP, MULTI_HIT, ROLL, find_hits
from drumspace.audio.synthesis.drum_machine import synthesize
from drumspace.taxonomy import CLASSES

RATE = 44100


def decay(seconds: float, per_second: float) -> tuple[np.ndarray, np.ndarray]:
    """Times (s) and an exponential decay."""
    time = np.arange(round(seconds * RATE)) / RATE
    return time, np.exp(-per_second * time)


def kick(seconds: float = 0.3) -> np.ndarray:
    """Falling sine with a click."""
    time, envelope = decay(seconds, 14)
    sound = np.sin(2 * np.pi * (50 * time - 3 * np.exp(-time * 40))) * envelope
    sound[:40] += 0.3 * np.random.default_rng(0).uniform(-1, 1, 40)
    return sound


def noise(seconds: float = 0.25, per_second: float = 20, seed: int = 1) -> np.ndarray:
    """Decaying noise, as of a snare."""
    _, envelope = decay(seconds, per_second)
    return np.random.default_rng(seed).uniform(-1, 1, len(envelope)) * envelope


def mix(hits: list[tuple[float, np.ndarray]], end: float) -> np.ndarray:
    """Sum of sounds that start at given times (s)."""
    sound = np.zeros(round(end * RATE), np.float32)
    for start, hit in hits:
        first = round(start * RATE)
        hit = hit[: len(sound) - first]
        sound[first : first + len(hit)] += hit.astype(np.float32)
    return sound


def beat(bpm: float, bars: int = 2) -> np.ndarray:
    """Kick on one and three, snare on two and four, hats between."""
    quarter = 60 / bpm
    hits = [(number * quarter, kick() if number % 2 == 0 else 0.8 * noise()) for number in range(4 * bars)]
    hits += [(number * quarter / 2, 0.3 * noise(0.06, 80, number)) for number in range(8 * bars)]
    return mix(hits, 4 * bars * quarter)


def clap() -> np.ndarray:
    """Four bursts within 40 ms and a tail."""
    bursts = [(0.011 * number, 0.7 * noise(0.02, 150, number)) for number in range(3)]
    return mix([*bursts, (0.036, noise(0.4, 15))], 0.5)


def beating_tom() -> np.ndarray:
    """Two close partials, whose level falls and rises seven times a second."""
    time, envelope = decay(1.0, 4)
    return (np.sin(2 * np.pi * 110 * time) + 0.8 * np.sin(2 * np.pi * 117 * time)) * envelope


def open_hat() -> np.ndarray:
    """Long noise that is choked."""
    sound = noise(0.8, 2)
    sound[-2000:] *= np.linspace(1, 0, 2000)
    return sound


def shaker() -> np.ndarray:
    """Soft stroke before the accent."""
    rise = np.sin(np.linspace(0, np.pi, round(0.09 * RATE))) ** 2
    strokes = [scale * rise * np.random.default_rng(2).uniform(-1, 1, len(rise)) for scale in (0.2, 1.0, 0.15)]
    return mix([(0.12 * number, stroke) for number, stroke in enumerate(strokes)], 0.4)


ONE_SHOTS: dict[str, Callable[[], np.ndarray]] = {
    "kick": kick,
    "long kick": lambda: kick(2.0),
    "snare": noise,
    "two strokes of a shaker": lambda: mix([(0, noise(0.1, 30)), (0.15, noise(0.1, 30, 2))], 0.3),
    "flam": lambda: mix([(0, 0.5 * noise()), (0.03, noise(0.25, 20, 2))], 0.4),
    "clap": clap,
    "beating tom": beating_tom,
    "crash": lambda: noise(4.0, 1.2),
    "open hat": open_hat,
    "shaker": shaker,
    "reversed": lambda: noise(0.8, 5)[::-1],
    "click": lambda: np.ones(200),
    "silence": lambda: np.zeros(RATE),
    "one sample": lambda: np.ones(1),
    "constant": lambda: np.full(RATE, 0.5),
}


@pytest.mark.parametrize("name", ONE_SHOTS)
@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_a_one_shot_has_one_hit(name: str, offset: float) -> None:
    hits = find_hits(ONE_SHOTS[name]().astype(np.float32) + np.float32(offset), RATE)
    assert (hits.kind, hits.tempo_bpm, len(hits.seconds)) == (None, None, 1)


@pytest.mark.parametrize("bpm", [80, 100, 120, 140, 174])
def test_a_loop_has_its_tempo(bpm: float) -> None:
    hits = find_hits(beat(bpm), RATE)
    assert hits.kind == LOOP
    assert hits.tempo_bpm is not None
    # Half and double tempo are as right as the other.
    octaves = np.log2(hits.tempo_bpm / bpm)
    assert abs(octaves - round(octaves)) < 0.02
    assert abs(octaves) < 1.1


def test_a_loop_is_found_whatever_its_level_and_rate() -> None:
    sound = beat(120)
    assert find_hits(sound * np.float32(0.001), RATE).seconds == find_hits(sound, RATE).seconds
    assert find_hits(sound, 2 * RATE).kind is not None
    assert find_hits(sound[::4], RATE // 4).kind == LOOP


def test_the_hits_of_a_bar_are_at_their_times() -> None:
    hits = find_hits(mix([(0.5 * number, noise()) for number in range(4)], 2.0), RATE)
    assert hits.seconds == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.02)
    assert hits.tempo_bpm == pytest.approx(120, abs=1)


def test_a_roll_has_many_fast_strokes() -> None:
    strokes = [(0.07 * number, (0.7 + 0.3 * (number % 2)) * noise(0.15, 40, number)) for number in range(15)]
    hits = find_hits(mix(strokes, 1.2), RATE)
    assert (hits.kind, hits.tempo_bpm) == (ROLL, None)
    assert len(hits.seconds) >= 10


@pytest.mark.parametrize("gap", [0.22, 0.3, 0.6])
def test_two_drums_are_a_multi_hit(gap: float) -> None:
    hits = find_hits(mix([(0, kick()), (gap, noise())], gap + 0.3), RATE)
    assert hits.kind == MULTI_HIT
    assert hits.seconds == pytest.approx([0, gap], abs=0.03)


def test_a_second_hit_after_a_long_pause_is_found() -> None:
    assert find_hits(mix([(0, kick()), (5.0, kick())], 6.0), RATE).kind == MULTI_HIT


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("rate", [8000, 44100])
def test_the_drum_machine_makes_one_shots(label: str, rate: int) -> None:
    for sound in synthesize(label, 30, seed=1, sample_rate=rate, num_samples=rate):
        assert find_hits(sound, rate).kind is None
