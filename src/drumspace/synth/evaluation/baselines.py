"""Generators that learn nothing: what any figure of a trained one is read against."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from drumspace.audio.synthesis import drum_machine
from drumspace.taxonomy import CLASSES

BATCH = 64
DECAYS = (0.02, 0.4)
"""Seconds in which a burst of noise falls to 1/e."""


@dataclass(frozen=True)
class DrumMachine:
    """The procedural drum machine."""

    sample_rate: int
    num_samples: int
    conditional: bool = True

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """See drumspace.synth.sampling.generator.Generator."""
        assert label is not None
        return drum_machine.batches(label, count, seed, self.sample_rate, self.num_samples, batch_size=BATCH)


@dataclass(frozen=True)
class Noise:
    """Bursts of white noise that decay."""

    sample_rate: int
    num_samples: int
    conditional: bool = False

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """See Generator."""
        rng = np.random.default_rng(seed)
        time = np.arange(self.num_samples) / self.sample_rate
        for begin in range(0, count, BATCH):
            n = min(BATCH, count - begin)
            low, high = np.log(DECAYS)
            decay = np.exp(rng.uniform(low, high, n))
            burst = rng.uniform(-1, 1, (n, self.num_samples)) * np.exp(-time / decay[:, None])
            yield (0.9 * burst / np.abs(burst).max(axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class Silence:
    """Nothing to hear."""

    num_samples: int
    conditional: bool = False

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """See Generator."""
        for begin in range(0, count, BATCH):
            yield np.zeros((min(BATCH, count - begin), self.num_samples), dtype=np.float32)


@dataclass(frozen=True)
class RealClips:
    """Real clips, none of them twice: where a class has fewer than are asked for, so many.

    With `repeated` one of them again and again; with `noise_db` each with white noise throughout, whose peak is at that
    level under the clip's peak.
    """

    float32: Callable[[np.ndarray], np.ndarray]
    """Row numbers [n] → float32 [n, num_samples]."""
    rows: np.ndarray
    labels: np.ndarray | None = None
    """int [len(rows)]: class indices; None for clips as they come."""
    repeated: bool = False
    noise_db: float | None = None

    @property
    def conditional(self) -> bool:
        """One sound is of one class, whichever is asked for."""
        return not self.repeated and self.labels is not None

    def batches(self, label: str | None, count: int, seed: int) -> Iterator[np.ndarray]:
        """See Generator. Raises ValueError where no clip is of the class."""
        kind = -1 if label is None else CLASSES.index(label)
        pool = self.rows if label is None or self.labels is None else self.rows[self.labels == kind]
        if not len(pool):
            raise ValueError(f"no real clip is a {label}")
        rng = np.random.default_rng([seed, kind + 1])
        if self.repeated:
            chosen = np.repeat(rng.choice(pool, 1), count)
        else:
            chosen = rng.permutation(pool)[:count]
        for begin in range(0, count, BATCH):
            wave = self.float32(chosen[begin : begin + BATCH])
            if self.noise_db is not None:
                peak = np.abs(wave).max(axis=1, keepdims=True) * np.float32(10 ** (self.noise_db / 20))
                wave = wave + peak * rng.uniform(-1, 1, wave.shape).astype(np.float32)
                wave /= np.maximum(np.abs(wave).max(axis=1, keepdims=True), 1)
            yield wave
