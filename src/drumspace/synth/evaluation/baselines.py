"""Untrained baselines: generators whose metrics bound those of trained ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from drumspace.audio.format.levels import db_to_amplitude
from drumspace.audio.synthesis import drum_machine
from drumspace.taxonomy import CLASSES

BATCH = 64
DECAYS = (0.02, 0.4)
"""Range of the time constants of noise bursts (s): the level falls to 1/e in this time."""


@dataclass(frozen=True)
class DrumMachine:
    """The procedural drum machine of drumspace.audio.synthesis."""

    sample_rate: int
    num_samples: int
    conditional: bool = True

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Generate `count` sounds of a class in batches, float32 [b, num_samples]; see sampling.generator.Generator."""
        assert label is not None
        return drum_machine.batches(label, count, seed, self.sample_rate, self.num_samples, batch_size=BATCH)


@dataclass(frozen=True)
class Noise:
    """Bursts of white noise with an exponential decay."""

    sample_rate: int
    num_samples: int
    conditional: bool = False

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Generate `count` sounds in batches, float32 [b, num_samples]; `label` is ignored."""
        rng = np.random.default_rng(seed)
        time = np.arange(self.num_samples) / self.sample_rate
        for start in range(0, count, BATCH):
            n = min(BATCH, count - start)
            low, high = np.log(DECAYS)
            decay = np.exp(rng.uniform(low, high, n))
            burst = rng.uniform(-1, 1, (n, self.num_samples)) * np.exp(-time / decay[:, None])
            yield (0.9 * burst / np.abs(burst).max(axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class Silence:
    """Silent clips."""

    num_samples: int
    conditional: bool = False

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Generate `count` silent clips in batches, float32 [b, num_samples]; `label` is ignored."""
        for start in range(0, count, BATCH):
            yield np.zeros((min(BATCH, count - start), self.num_samples), dtype=np.float32)


@dataclass(frozen=True)
class RealClips:
    """Real clips, each at most once: a class with fewer clips than requested yields all of them.

    With `repeated`, one clip is yielded again and again. With `noise_db`, white noise is added to each clip; its peak
    has that level relative to the clip's (dB).
    """

    float32: Callable[[np.ndarray], np.ndarray]
    """Row numbers [n] → float32 [n, num_samples]."""
    rows: np.ndarray
    labels: np.ndarray | None = None
    """int [len(rows)]: class indices; None draws from all clips, whatever their class."""
    repeated: bool = False
    noise_db: float | None = None

    @property
    def conditional(self) -> bool:
        """Whether clips of a class can be requested."""
        return not self.repeated and self.labels is not None

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """Yield `count` clips of a class or fewer, in batches. Raises ValueError where the class has no clip."""
        index = -1 if label is None else CLASSES.index(label)
        pool = self.rows if label is None or self.labels is None else self.rows[self.labels == index]
        if not len(pool):
            raise ValueError(f"no real clip is a {label}")
        rng = np.random.default_rng([seed, index + 1])
        if self.repeated:
            chosen = np.repeat(rng.choice(pool, 1), count)
        else:
            chosen = rng.permutation(pool)[:count]
        for start in range(0, count, BATCH):
            wave = self.float32(chosen[start : start + BATCH])
            if self.noise_db is not None:
                peak = np.abs(wave).max(axis=1, keepdims=True) * np.float32(db_to_amplitude(self.noise_db))
                wave = wave + peak * rng.uniform(-1, 1, wave.shape).astype(np.float32)
                wave /= np.maximum(np.abs(wave).max(axis=1, keepdims=True), 1)
            yield wave
