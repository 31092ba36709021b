"""Near-duplicate search finds copies of a recording and no other recordings."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
import soxr

from drumspace.audio.synthesis.drum_machine import synthesize
from drumspace.dataset.ingest.duplicates import near_duplicates as duplicates
from drumspace.dataset.ingest.duplicates.near_duplicates import (
    components,
    group_near_duplicates,
    same_recording,
    similar_pairs,
)
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.taxonomy import CLASSES

RATE, SAMPLES = 44100, 22050
PARAMS = DuplicateParams(similarity=0.975, neighbours=8, correlation=0.9, bright_correlation=0.85, max_shift_ms=5)


def to_pcm(wave: np.ndarray) -> np.ndarray:
    """Convert to int16 [SAMPLES] with its peak at -0.1 dB."""
    wave = np.pad(wave[:SAMPLES], (0, max(0, SAMPLES - len(wave))))
    return np.round(wave / np.abs(wave).max() * 32400).astype(np.int16)


def drum(seed: int) -> np.ndarray:
    """Falling tone and smoothed noise of random level, length and brightness: float32 [11025]."""
    rng = np.random.default_rng(seed)
    time = np.arange(11025) / RATE
    tone = np.sin(2 * np.pi * np.cumsum(rng.uniform(60, 400) * (1 + np.exp(-time * 60))) / RATE)
    noise = np.convolve(rng.standard_normal(11025), np.ones(rng.integers(1, 6)), "same") / 2
    wave = tone * rng.uniform(0.2, 1) * np.exp(-time * rng.uniform(10, 40))
    wave += noise * rng.uniform(0.1, 0.6) * np.exp(-time * rng.uniform(15, 80))
    return (wave / np.abs(wave).max()).astype(np.float32)


def group(pcm: np.ndarray) -> np.ndarray:
    return group_near_duplicates(pcm.__getitem__, len(pcm), RATE, PARAMS, progress=False)


def through(wave: np.ndarray, **settings: object) -> np.ndarray:
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, RATE, **settings)
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float32")[0]


def dithered(wave: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.round(wave * 126 + rng.random(len(wave)) - rng.random(len(wave))) / 127


COPIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "softer": lambda wave: np.round(wave * 1600) / 32768,
    "turned over": lambda wave: -wave,
    "one sample later": lambda wave: np.concatenate([np.zeros(1), wave]),
    "2 ms later": lambda wave: np.concatenate([np.zeros(88), wave]),
    "resampled": lambda wave: soxr.resample(soxr.resample(wave, RATE, 22050), 22050, RATE),
    "resampled to a fraction of a sample later": lambda wave: soxr.resample(
        np.concatenate([np.zeros(7), soxr.resample(wave, RATE, 32000)]), 32000, RATE
    ),
    "8 bit": dithered,
    "MP3": lambda wave: through(wave, format="MP3"),
    "OGG": lambda wave: through(wave, format="OGG", subtype="VORBIS"),
    "tail cut": lambda wave: wave[: int(0.8 * len(wave))],
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_copies_group_with_their_originals_and_with_nothing_else(copy: Callable) -> None:
    waves = [drum(seed) for seed in range(24)]
    pcm = np.stack([to_pcm(wave) for wave in waves] + [to_pcm(copy(wave)) for wave in waves])
    assert group(pcm).tolist() == [*range(24), *range(24)]


def test_similar_noises_are_different_recordings() -> None:
    time = np.arange(11025) / RATE
    rng = np.random.default_rng(0)
    pcm = np.stack([to_pcm(rng.standard_normal(11025) * np.exp(-time * 20)) for _ in range(16)])
    prints = duplicates.fingerprints(pcm, RATE)
    assert len(similar_pairs(prints, PARAMS.similarity, 100, progress=False)) == 16 * 15 / 2
    assert group(pcm).tolist() == list(range(16))


def test_sounds_of_the_drum_machine_are_all_different() -> None:
    clips = np.concatenate([synthesize(label, 24, 0, RATE, SAMPLES) for label in CLASSES])
    numbers = group(np.round(clips * 32000).astype(np.int16))
    assert numbers.tolist() == list(range(len(CLASSES) * 24))


def test_short_clips_are_compared_without_their_padding() -> None:
    long = drum(3)
    short = long[:1200].copy()  # 27 ms, most of it loud
    other = drum(4)[:1200]
    pcm = np.stack([to_pcm(long), to_pcm(short), to_pcm(other)])
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    assert same_recording(pcm, pairs, RATE, PARAMS).tolist() == [True, False, False]


def test_shift_beyond_the_limit_is_another_recording() -> None:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(8000)
    late = {ms: np.concatenate([np.zeros(RATE * ms // 1000), noise]) for ms in (0, 4, 6)}
    pcm = np.stack([to_pcm(wave) for wave in late.values()])
    assert same_recording(pcm, np.array([[0, 1], [0, 2]]), RATE, PARAMS).tolist() == [True, False]


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000])
def test_copies_are_grouped_at_other_sample_rates(rate: int) -> None:
    waves = [soxr.resample(drum(seed), RATE, rate) for seed in range(8)]
    length = max(map(len, waves))
    pcm = np.stack([np.round(np.pad(w, (0, length - len(w))) * 25000).astype(np.int16) for w in waves])
    pcm = np.concatenate([pcm, pcm // 3])
    numbers = group_near_duplicates(pcm.__getitem__, 16, rate, PARAMS, progress=False)
    assert numbers.tolist() == [*range(8), *range(8)]


def test_groups_do_not_depend_on_batch_size_and_clips_are_read_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waves = [drum(seed) for seed in range(10)]
    pcm = np.stack([to_pcm(wave) for wave in waves] * 3)
    pcm += np.arange(30, dtype=np.int16)[:, None] % 7  # a small offset, so that not all copies are exactly equal
    whole = group(pcm)
    requested = []

    def clips(index: np.ndarray) -> np.ndarray:
        requested.append(index)
        return pcm[index]

    for name, size in {"CLIPS_AT_ONCE": 7, "ROWS_AT_ONCE": 4, "PAIRS_AT_ONCE": 3}.items():
        monkeypatch.setattr(duplicates, name, size)
    numbers = group_near_duplicates(clips, 30, RATE, PARAMS, progress=False)
    assert numbers.tolist() == whole.tolist() == [*range(10)] * 3
    assert max(map(len, requested)) == 7
    assert all(np.all(np.diff(index) > 0) for index in requested)


def test_similar_pairs_equal_those_of_an_exhaustive_search() -> None:
    rng = np.random.default_rng(0)
    centres = rng.random((30, 512))
    prints = (centres[rng.integers(0, 30, 400)] + 0.1 * rng.random((400, 512))).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    cosine = prints.astype(np.float64) @ prints.T.astype(np.float64)
    plain = np.argwhere(np.triu(cosine > 0.99, 1))
    groups_found = similar_pairs(prints, 0.99, 400, progress=False)
    assert 1000 < len(plain) < 400 * 30
    assert sorted(map(tuple, groups_found)) == sorted(map(tuple, plain))
    capped = similar_pairs(prints, 0.99, 2, progress=False)
    assert np.bincount(capped[:, 0]).max() == 2
    assert components(capped, 400).max() == components(groups_found, 400).max()


def test_components_are_numbered_by_their_first_member() -> None:
    assert components(np.array([[1, 5], [5, 2], [3, 4]]), 7).tolist() == [0, 1, 1, 2, 2, 1, 3]
    assert components(np.empty((0, 2), dtype=np.int64), 3).tolist() == [0, 1, 2]


def test_one_clip_and_no_clip_have_no_pairs() -> None:
    pcm = np.stack([to_pcm(drum(0))])
    assert group(pcm).tolist() == [0]
    assert group(pcm[:0]).shape == (0,)
