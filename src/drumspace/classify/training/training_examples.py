"""Inputs of a classifier in training: waves, or the embeddings of a frozen trunk."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.networks.network import Network
from drumspace.classify.training.augment import augment_waves
from drumspace.classify.training.embeddings import Pcm, cached_embeddings
from drumspace.classify.training.settings import NetworkSettings
from drumspace.io.settings import Params
from drumspace.training.core.precision import device


@dataclass(frozen=True)
class TrainingExamples:
    """A module to train and its inputs by row number."""

    module: nn.Module
    """The whole model, or the head of a model whose trunk is frozen."""
    inputs: Callable[[np.ndarray], Tensor]
    """Row numbers [n] → waves [n, num_samples], or embeddings [n, …]."""
    augment: Callable[[Tensor], Tensor]
    """Augmentation of a training batch; the shape stays."""


def prepare_examples(
    model: nn.Module, settings: Params, pcm: Pcm, rows: np.ndarray, sample_rate: int, cache: Path, clips_digest: str
) -> TrainingExamples:
    """Move a model to its device and prepare its inputs; the embeddings of a frozen trunk are computed once.

    pcm: row numbers → int16 [n, num_samples] at `sample_rate` (Hz); rows: every row number that `inputs` may be called
    with; cache: folder of embeddings; clips_digest: identifies the content of the clips. Waveform augmentation does
    not apply to a frozen trunk, whose embeddings are computed from the clips as they are; mixup does.
    """
    model.to(device())
    if isinstance(model, Network) and model.trainable == "head":
        embeddings = cached_embeddings(model, settings, pcm, rows, clips_digest, cache)
        position = np.zeros(int(rows.max()) + 1, dtype=np.int64)
        position[rows] = np.arange(len(rows))
        return TrainingExamples(
            model.head, lambda batch: torch.from_numpy(embeddings[position[batch]]), lambda batch: batch
        )
    if not isinstance(settings, NetworkSettings):
        raise TypeError("a model whose trunk is not frozen needs training settings")
    augment = partial(augment_waves, sample_rate=sample_rate, params=settings.training.augment)
    return TrainingExamples(model, lambda batch: to_wave(pcm(batch)), augment)
