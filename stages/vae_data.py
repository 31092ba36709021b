"""What the stages that train VAEs and VAE-GANs share: sounds with their classes, validation to hear."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from common import Stage
from drumspace.dataset.roles import hold_out_kits
from drumspace.dataset.told_classes import told_classes
from drumspace.synth.batches import Sounds
from generator_data import Training
from map_paths import LABELS

FOLDS = 10
"""Of the generators' kits, one in so many is not learned from: it watches the training and chooses the step."""


def sounds_of(
    of: Training, condition: Literal["propagated", "labels", "none"], distrusted: list[str], seed: int
) -> Sounds:
    """The generators' clips, those of some kits held out to watch."""
    classes = told_classes(of.data, LABELS, condition, distrusted)
    kits = of.data.catalog["kit"].to_numpy()[of.rows]
    held = hold_out_kits(kits, of.data.labels[of.rows] + 1, FOLDS, seed)
    return Sounds(of.pcm, of.rows[~held], of.rows[held], classes)


def listener(work: Stage, name: str, sample_rate: int) -> Callable[[int, np.ndarray], None]:
    """Leaves pairs of sounds, float32 [n, 2, T], with the stage's run."""

    def listen(step: int, pairs: np.ndarray) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}-{step:07d}.flac"
            soundfile.write(path, pairs.reshape(-1), sample_rate)
            work.run.figure(path)

    return listen
