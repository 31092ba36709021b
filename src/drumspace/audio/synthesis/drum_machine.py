"""Procedural drum machine: synthesises any number of one-shots of the eight classes from a seed.

Used by tests, by benchmarks of scale, and optionally as additional training data of rare classes; its clips are never
in a test part. The voices are in drum_machine_voices.py, their building blocks in drum_machine_rack.py.
"""

from collections.abc import Iterator

import numpy as np

from drumspace.audio.synthesis.drum_machine_rack import Array, Rack
from drumspace.audio.synthesis.drum_machine_voices import VOICES
from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

BATCH_SIZE = 8
"""Clips per batch: enough for vectorised transforms, few enough for the processor's cache."""

MAX_SECONDS = 60
FADE_SECONDS = 0.01
"""Length of the fade-out (s), needed because long decays are cut at the end of the clip."""


def synthesize(label: str, count: int, seed: int, sample_rate: int = 44100, num_samples: int = 44100) -> Array:
    """Synthesise clips 0 to `count` - 1 of a class: float32 [count, num_samples], peak at most 1.

    Clip i depends only on label, seed, i, `sample_rate` (Hz) and `num_samples`, so a larger count starts with the same
    clips. Use `batches` for more clips than fit in memory. Raises the errors of `batches`.
    """
    _check(label, count, seed, sample_rate, num_samples)
    clips = np.empty((count, num_samples), dtype=np.float32)
    row = 0
    for batch in batches(label, count, seed, sample_rate, num_samples):
        clips[row : row + len(batch)] = batch
        row += len(batch)
    return clips


def batches(
    label: str,
    count: int,
    seed: int,
    sample_rate: int = 44100,
    num_samples: int = 44100,
    *,
    start: int = 0,
    batch_size: int = BATCH_SIZE,
) -> Iterator[Array]:
    """Iterate over clips `start` to `start` + `count` - 1 of a class: float32 [batch_size or less, num_samples].

    Only one batch is in memory. A clip does not depend on `start` and `batch_size`, so several processes can share a
    class. Raises UserError, when called, for an unknown label, a count or batch_size below 1, a negative seed or start,
    a sample rate outside 4,000 to 192,000 Hz, or a length outside 10 ms to 60 s.
    """
    _check(label, count, seed, sample_rate, num_samples)
    if start < 0 or batch_size < 1:
        raise UserError(
            f"The drum machine got start {start} and batch_size {batch_size}: "
            "give a start of 0 or more and a batch_size of 1 or more."
        )
    stop = start + count
    return (
        _batch(label, range(first, min(first + batch_size, stop)), seed, sample_rate, num_samples)
        for first in range(start, stop, batch_size)
    )


def _batch(label: str, numbers: range, seed: int, sample_rate: int, num_samples: int) -> Array:
    """Synthesise the clips with these numbers, with fade-out and random level: float32 [len(numbers), num_samples]."""
    class_index = CLASSES.index(label)
    rack = Rack([np.random.default_rng([seed, class_index, number]) for number in numbers], sample_rate, num_samples)
    level = rack.log(0.4, 0.98)
    clips = VOICES[label](rack)
    fade = min(round(FADE_SECONDS * sample_rate), num_samples // 4)
    clips[:, num_samples - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    peak = np.maximum(clips.max(axis=-1, keepdims=True), -clips.min(axis=-1, keepdims=True))
    clips *= level / np.maximum(peak, np.float32(1e-9))
    return clips


def _check(label: str, count: int, seed: int, sample_rate: int, num_samples: int) -> None:
    """Raise UserError for arguments out of range."""
    if label not in VOICES:
        raise UserError(f"The drum machine has no voice {label!r}: use one of {', '.join(CLASSES)}.")
    if count < 1:
        raise UserError(f"The number of clips of {label} is {count}: give 1 or more.")
    if seed < 0:
        raise UserError(f"The drum machine's seed is {seed}: give a whole number of 0 or more.")
    if not 4000 <= sample_rate <= 192000:
        raise UserError(
            f"The drum machine does not support {sample_rate} Hz: give a sample rate from 4000 to 192000 Hz."
        )
    if not 0.01 * sample_rate <= num_samples <= MAX_SECONDS * sample_rate:
        raise UserError(
            f"The drum machine does not support clips of {num_samples} samples at {sample_rate} Hz: give from "
            f"{-(-sample_rate // 100)} (10 ms) to {MAX_SECONDS * sample_rate} samples ({MAX_SECONDS} s)."
        )
