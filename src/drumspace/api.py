"""The public API: trained models and the catalogue, for programs that use drumspace as a library.

torch is imported by `load_labeller` and `load_generator` alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drumspace.dataset.access.clips import Clips
from drumspace.errors import UserError
from drumspace.taxonomy import CLASSES

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from drumspace.classify.inference.labeller import Labeller as TrainedLabeller
    from drumspace.synth.sampling.trained_vae import TrainedVae


@dataclass(frozen=True)
class Labeller:
    """A trained classifier, or a committee of them, with the confidence below which it abstains.

    >>> labeller = drumspace.load_labeller("models")
    >>> labeller.label(["kicks/", "snare.wav"])[["path", "label", "confidence"]]
    """

    trained: TrainedLabeller

    @property
    def name(self) -> str:
        """The name of the classifier, or `committee`."""
        return self.trained.name

    def label(self, paths: Sequence[str | Path]) -> pd.DataFrame:
        """Classify sound files, and all those in folders.

        Returns a row for each sound that can be read, those in SoundFonts and archives included: path, label (None
        where the classifier abstains), best_guess (the most likely class, label or not), detail (such as `open` of a
        hat; None where there is none or it is not confident), confidence in [0, 1], the probability of each class and
        of `other`, none of them, and reason: why there is no label ('low confidence', 'sounds like none of the
        classes', 'name says other', 'several hits', or that the model can't keep the target precision), else None.
        Files that can't be read are warned of. Raises UserError for a path that does not exist.
        """
        from drumspace.classify.inference.label_files import COLUMNS, label_sounds
        from drumspace.dataset.ingest.naming import NamingRules

        sounds, errors = label_sounds([Path(path) for path in paths], self.trained, NamingRules.load())
        for path, reason in errors.items():
            log.warning("%s: %s", path, reason)
        rows = [
            (
                str(sound.path),
                sound.label,
                CLASSES[prediction.best_guess],
                sound.detail,
                prediction.confidence,
                *prediction.probabilities,
                prediction.other,
                sound.reason or None,
            )
            for sound in sounds
            if (prediction := sound.prediction)
        ]
        # Names as objects, since pandas' own strings hold no names that are no UTF-8.
        table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
        return table.astype(dict.fromkeys(("confidence", *CLASSES, "other"), float))


@dataclass(frozen=True)
class Generator:
    """A trained VAE or VAE-GAN with the prior that its latents are drawn from.

    >>> generator = drumspace.load_generator("models")
    >>> sounds, sample_rate = generator.generate("snare", count=8, seed=1)
    """

    trained: TrainedVae

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.trained.name

    def generate(self, label: str | None = None, count: int = 1, seed: int = 0) -> tuple[np.ndarray, int]:
        """`count` new sounds of the class `label` (None: of any): float32 [count, num_samples] in [-1, 1], and their
        sample rate in Hz. The same arguments give the same samples. Raises UserError for an unknown class.
        """
        if label is not None and label not in CLASSES:
            raise UserError(f"there is no class `{label}`; the classes are {', '.join(CLASSES)}.")
        if label is not None and not self.trained.conditional:
            raise UserError(f"{self.name} was trained without labels: call generate without a class.")
        sounds = list(self.trained.batches(label, count, seed))
        return np.clip(np.concatenate(sounds), -1, 1), self.trained.audio.sample_rate


class Catalogue:
    """The clips of a pipeline run: their table and their samples.

    >>> catalogue = drumspace.Catalogue("data/clips")
    >>> kicks = catalogue.table.index[catalogue.table["label"] == "kick"]
    >>> samples = catalogue.samples(kicks)
    """

    def __init__(self, folder: str | Path = "data/clips") -> None:
        """Open the clips in `folder`. Raises UserError where there are none."""
        if not (Path(folder) / "catalog.parquet").is_file():
            raise UserError(f"{folder} holds no catalogue: run `make repro`, or name another folder.")
        self._clips = Clips(Path(folder))

    def __len__(self) -> int:
        """The number of clips."""
        return len(self._clips)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each clip; the columns are those of data/clips/catalog.parquet."""
        return self._clips.catalog

    def samples(self, rows: Sequence[int] | np.ndarray | pd.Index) -> np.ndarray:
        """The samples of the clips in these rows of `table`: float32 [n, num_samples] in [-1, 1)."""
        return self._clips.float32(np.asarray(rows))


def load_labeller(
    models: str | Path = "models", name: str | None = None, abstain_below: float | None = None
) -> Labeller:
    """Load the classifier that was chosen on validation data, or the one called `name`, from the folder `models`.

    `abstain_below` replaces the confidence below which it abstains; with 0 it never does. Raises UserError where the
    folder holds none.
    """
    from drumspace.classify.inference.labeller import load_labeller as load

    return Labeller(load(Path(models), name, abstain_below))


def load_generator(models: str | Path = "models", name: str | None = None, prior: str | None = None) -> Generator:
    """Load the generator called `name`, or the default one, from the folder `models`.

    `prior` names the distribution that latents are drawn from. Raises UserError where the folder holds none.
    """
    from drumspace.synth.sampling.sound_files import load_generator as load

    return Generator(load(Path(models), name, prior))
