"""What a step of a VAE's training sees: sounds, their classes, and which part of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from scipy.fft import next_fast_len
from torch import Tensor

from drumspace.audio.spectral.transforms import to_wave
from drumspace.errors import UserError
from drumspace.synth.losses.reconstruction import Part
from drumspace.synth.losses.stft import RESOLUTIONS
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.models.vae.interface import Segment, part_of
from drumspace.synth.training.vae.settings import Augment

Pcm = Callable[[np.ndarray], np.ndarray]
"""Row numbers → int16 [n, T]."""


@dataclass(frozen=True)
class Sounds:
    """What a VAE learns from."""

    pcm: Pcm
    rows: np.ndarray
    """int [n]: training clips."""
    validation: np.ndarray
    """int [m]: clips of other kits, which choose the step."""
    classes: np.ndarray
    """int [all clips]: index of a clip's class, -1 for none."""


class Batch(NamedTuple):
    """Sounds of one step."""

    wave: Tensor
    """[B, T], changed at random."""
    classes: Tensor
    """Weights [B, classes + 1]; some of none."""
    segment: Segment | None
    """The part of each that is decoded; None: all of it."""
    part: Part | None
    """What the loss must know of that part."""
    real: Tensor
    """That part of `wave`."""


@dataclass(frozen=True)
class Batches:
    """Batches that follow from (seed, step, turn) and torch's generator alone."""

    sounds: Sounds
    seed: int
    size: int
    label_dropout: float
    """Of sounds with a class, not told."""
    augment: Augment
    num_samples: int
    """Of a whole sound."""
    hop: int
    """Of the decoder."""
    samples: int | None
    """Of a segment, a multiple of the hop; None: whole sounds."""

    def rows(self, step: int, *turn: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of a batch, and their classes, some of them not told."""
        rng = np.random.default_rng([self.seed, step, *turn])
        rows = rng.choice(self.sounds.rows, self.size)
        hidden = rng.random(self.size) < self.label_dropout
        return rows, np.where(hidden, -1, self.sounds.classes[rows])

    def draw(self, place: torch.device, rank: int, world: int, step: int, *turn: int) -> Batch:
        """One process's share of a batch, on its device."""
        rows, classes = (part[rank::world] for part in self.rows(step, *turn))
        wave = augmented(to_wave(self.sounds.pcm(rows)).to(place), self.augment)
        weights = class_weights(classes).to(place)
        if self.samples is None:
            return Batch(wave, weights, None, None, wave)
        segment = drawn_segment(len(wave), self.samples, self.num_samples, self.hop, place)
        part = Part(segment.start * self.hop, self.num_samples, wave.square().sum(dim=1))
        return Batch(wave, weights, segment, part, part_of(wave, part.begin, segment.samples))


def segment_samples(seconds: float | None, sample_rate: int, num_samples: int, hop: int, title: str) -> int | None:
    """Of a segment of `seconds`, in whole hops; None where that is all of a sound.

    Raises UserError where the loss's longest window does not fit.
    """
    samples = None
    if seconds is not None and seconds * sample_rate < num_samples:
        samples = max(1, round(seconds * sample_rate / hop)) * hop
    least = max(at.n_fft for at in RESOLUTIONS) // 2
    if (samples or num_samples) <= least:
        raise UserError(
            f"{title}: the loss's longest window needs more than {least} samples, and gets {samples or num_samples}: "
            "make `segment` (seconds) longer, or null."
        )
    return samples


def augmented(wave: Tensor, settings: Augment) -> Tensor:
    """Waves [B, T] changed at random, from torch's generator, each clip its own."""
    count, length = wave.shape
    if settings.speed:
        speeds = 1 + settings.speed * (2 * torch.rand(count) - 1)
        lengths = [next_fast_len(round(length / speed), real=True) for speed in speeds.tolist()]
        wave = stretched(wave, lengths)
    level = 10 ** (-settings.gain_db * torch.rand(count, 1, device=wave.device) / 20)
    if settings.flip:
        level = level * torch.where(torch.rand(count, 1, device=wave.device) < 0.5, -1.0, 1.0)
    return wave * level


def stretched(wave: Tensor, lengths: Sequence[int]) -> Tensor:
    """Waves [B, T], each played so that it takes as many samples as `lengths` says; what comes after T is cut off.

    By its spectrum: straight lines between samples would take 1.4 dB from all that lies at 10 kHz, 3 dB at 15 kHz.
    """
    total = wave.shape[1]
    found = torch.zeros_like(wave)
    for row, (spectrum, length) in enumerate(zip(torch.fft.rfft(wave), lengths, strict=True)):
        part = torch.fft.irfft(spectrum[: length // 2 + 1], n=length)[:total] * (length / total)
        found[row, : len(part)] = part
    return found


def drawn_segment(count: int, samples: int, num_samples: int, hop: int, place: torch.device) -> Segment:
    """Of each of `count` sounds a part, from torch's generator: half of them the beginning."""
    last = (num_samples - samples) // hop
    start = torch.randint(0, last + 1, (count,)) * (torch.rand(count) < 0.5)
    return Segment(start.to(place), samples)
