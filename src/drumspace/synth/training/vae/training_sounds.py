"""The sounds that a VAE trains on and is validated by, with their class labels."""

from pathlib import Path
from typing import Literal

from drumspace.dataset.access.conditioning_labels import conditioning_labels
from drumspace.dataset.access.subsets import hold_out_kits
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.synth.training.vae.batches import Sounds

FOLDS = 10
"""One in so many of the generators' kits is held out for validation, by which the step is chosen."""


def training_sounds(
    training_set: TrainingSet,
    labels: Path,
    condition: Literal["propagated", "labels", "none"],
    noisy_label_sources: list[str],
    seed: int,
) -> Sounds:
    """The generators' clips, the clips of some kits held out for validation.

    labels: the parquet file of final labels; noisy_label_sources: sources whose labels are ignored.
    """
    classes = conditioning_labels(training_set.data, labels, condition, noisy_label_sources)
    kits = training_set.data.catalog["kit"].to_numpy()[training_set.rows]
    held = hold_out_kits(kits, training_set.data.labels[training_set.rows] + 1, FOLDS, seed)
    return Sounds(training_set.pcm, training_set.rows[~held], training_set.rows[held], classes)
