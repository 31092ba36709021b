"""Batches of a VAE's training: sounds, class weights, and the segment of each that is decoded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.synth.losses.reconstruction import SegmentInfo
from drumspace.synth.losses.stft import RESOLUTIONS
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.models.vae.interface import Segment, extract_segments
from drumspace.synth.training.vae.augment import Augment, augment

Pcm = Callable[[np.ndarray], np.ndarray]
"""Row numbers → int16 [n, T]."""


@dataclass(frozen=True)
class Sounds:
    """Clips and class labels of a generator's training."""

    pcm: Pcm
    rows: np.ndarray
    """int [n]: training clips."""
    validation: np.ndarray
    """int [m]: clips of other kits, by which the best step is chosen."""
    classes: np.ndarray
    """int [all clips]: class index of each clip, -1 for none."""


class Batch(NamedTuple):
    """Sounds of one step."""

    wave: Tensor
    """[B, T], augmented."""
    classes: Tensor
    """Class weights [B, classes + 1], the last of no class."""
    segment: Segment | None
    """The segment of each sound that is decoded; None: whole sounds."""
    info: SegmentInfo | None
    """Position of the segment, for the loss."""
    real: Tensor
    """The segment of `wave`, or all of it."""


@dataclass(frozen=True)
class Batches:
    """Batches that are determined by (seed, step, update) and torch's generator."""

    sounds: Sounds
    seed: int
    size: int
    label_dropout: float
    """Share of labelled sounds whose label is hidden."""
    augment: Augment
    num_samples: int
    """Length of a whole sound."""
    hop: int
    """Hop length of the decoder, samples."""
    samples: int | None
    """Length of a segment, a multiple of the hop; None: whole sounds."""

    def rows(self, step: int, *update: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a batch and their class indices, after label dropout."""
        rng = np.random.default_rng([self.seed, step, *update])
        rows = rng.choice(self.sounds.rows, self.size)
        hidden = rng.random(self.size) < self.label_dropout
        return rows, np.where(hidden, -1, self.sounds.classes[rows])

    def describe(self, title: str, step: int, *update: int) -> str:
        """Name of the training and rows of a batch, for error messages."""
        rows, _ = self.rows(step, *update)
        return f"{title}; the rows of that batch: {', '.join(map(str, rows))}"

    def load(self, device: torch.device, rank: int, world: int, step: int, *update: int) -> Batch:
        """The part of a batch of process `rank` of `world`, on its device."""
        rows, classes = (values[rank::world] for values in self.rows(step, *update))
        wave = augment(to_wave(self.sounds.pcm(rows)).to(device), self.augment)
        weights = class_weights(classes).to(device)
        if self.samples is None:
            return Batch(wave, weights, None, None, wave)
        segment = random_segments(len(wave), self.samples, self.num_samples, self.hop, device)
        info = SegmentInfo(segment.start * self.hop, self.num_samples, wave.square().sum(dim=1))
        return Batch(wave, weights, segment, info, extract_segments(wave, info.start, segment.samples))


def check_batch_size(sounds: Sounds, batch_size: int, title: str) -> None:
    """Raise UserError where there are fewer training sounds than a batch."""
    if len(sounds.rows) < batch_size:
        raise UserError(
            f"{title}: there are {len(sounds.rows)} sounds to train on, fewer than a batch of {batch_size}: "
            "add sounds, or lower batch_size."
        )


def segment_samples(seconds: float | None, sample_rate: int, num_samples: int, hop: int, title: str) -> int | None:
    """Length of a segment of `seconds` in whole hops, samples; None where that is the whole sound.

    Raises UserError where the loss's longest window does not fit.
    """
    samples = None
    if seconds is not None and seconds * sample_rate < num_samples:
        samples = max(1, round(seconds * sample_rate / hop)) * hop
    least = max(resolution.n_fft for resolution in RESOLUTIONS) // 2
    if (samples or num_samples) <= least:
        raise UserError(
            f"{title}: the loss's longest window needs more than {least} samples, and gets {samples or num_samples}: "
            "make `segment` (seconds) longer, or null."
        )
    return samples


def random_segments(count: int, samples: int, num_samples: int, hop: int, device: torch.device) -> Segment:
    """A random segment of each of `count` sounds, from torch's generator: half of them start with the sound."""
    last = (num_samples - samples) // hop
    start = torch.randint(0, last + 1, (count,)) * (torch.rand(count) < 0.5)
    return Segment(start.to(device), samples)
