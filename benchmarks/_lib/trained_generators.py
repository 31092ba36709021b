"""What benchmarks of generators share: clips, judges and settings of a finished run, and how a VAE is measured."""

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.embed_and_predict import hear
from drumspace.classify.inference.trained_model import load_trained
from drumspace.dataset.access.conditioning_labels import conditioning_labels
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets, hold_out_kits
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.io.settings import load, read_yaml
from drumspace.synth.evaluation.evaluate import Judging, Origin, judged, periodicity
from drumspace.synth.evaluation.evaluate_vae import latent_figures
from drumspace.synth.evaluation.memorization import Copies
from drumspace.synth.evaluation.reference import Reference, balanced_rows, counts_like
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.generator import Drawn, draw
from drumspace.synth.sampling.settings import PriorParams
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import fingerprint

HEARD = ("kernel_distance", "kernel_distance_ci95", "coverage", "precision", "class_agreement", "spread")
MODULES = (
    "drumspace.classify.inference.embed_and_predict",
    "drumspace.synth.evaluation.evaluate_vae",
    "drumspace.synth.sampling.fitted_priors",
    "drumspace.synth.training.vae.train_vae",
    "drumspace.synth.training.vaegan.train_vaegan",
)
"""Modules whose code decides a row, with all plug-ins."""
TRIED = 30
"""Steps that a calibration takes, behind a few to begin with."""
FIGURES = ("mrstft", "log_spectral_distance", "nats", "active_units", "latent_dim", "priors")


def sounds_of(work: Path, settings: VaeSettings) -> Sounds:
    """What a VAE learns from, and what it is watched by: as the stage has them."""
    splits = work / "data" / "splits.parquet"
    data = LabelledClips(work / "data" / "clips", splits)
    rows = Subsets.read(data, pd.read_parquet(splits)).generators
    held = hold_out_kits(data.catalog["kit"].to_numpy()[rows], data.labels[rows] + 1, 10, settings.seed)
    labels = work / "data" / "labels" / "labels.parquet"
    classes = conditioning_labels(data, labels, settings.condition, settings.noisy_label_sources)
    return Sounds(data.clips.__getitem__, rows[~held], rows[held], classes)


def steps_in(seconds: float, sounds: Sounds, settings: VaeSettings, audio: AudioParams) -> int:
    """How many fit, by the difference of two lengths; before them a training that warms up."""
    unwatched = Sounds(sounds.pcm, sounds.rows, sounds.validation[:0], sounds.classes)
    taken = []
    for steps in (3, 3, 3 + TRIED):
        begin = time.perf_counter()
        train_vae(unwatched, settings.model_copy(update={"steps": steps}), audio.sample_rate, audio.num_samples)
        taken.append(time.perf_counter() - begin)
    return int(seconds * TRIED / (taken[2] - taken[1]))


@dataclass(frozen=True)
class Bench:
    """Clips, judge and settings of a finished run."""

    work: Path
    data: LabelledClips
    generators: np.ndarray
    real: np.ndarray
    kinds: np.ndarray
    judging: Judging
    audio: AudioParams
    priors: PriorParams

    @classmethod
    def open(cls, work: Path) -> "Bench":
        """Read the outputs under `work`."""
        params = load(work / "params.yaml", "synthesis", SynthesisParams)
        audio = load(work / "params.yaml", "audio", AudioParams)
        splits = work / "data" / "splits.parquet"
        data = LabelledClips(work / "data" / "clips", splits)
        subsets = Subsets.read(data, pd.read_parquet(splits))
        rows = balanced_rows(subsets.reference, data.labels[subsets.reference], params.reference_per_class, params.seed)
        real, kinds = data.clips.float32(rows), data.labels[rows]
        judges = {
            name: partial(hear, load_trained(work / "models" / "judge" / name))
            for name in read_yaml(work / "params.yaml")["judge"]["run"]
        }
        # What was learned from is not compared with here: a few of those clips stand for it.
        references = {
            name: Reference.of(judge, lambda: [real], lambda: [real[:8]], kinds) for name, judge in judges.items()
        }
        duplicates = load(work / "params.yaml", "ingest.duplicates", DuplicateParams)
        copies = Copies(data.clips.__getitem__, subsets.generators, audio, duplicates)
        judging = Judging(references, copies, audio.sample_rate, params)
        priors = load(work / "params.yaml", "priors", PriorParams)
        return cls(work, data, subsets.generators, real, kinds, judging, audio, priors)

    def key(self, **parts: Any) -> str:
        """Key of a row: a fingerprint of `parts`, of all that this bench measures by, and of the code."""
        return fingerprint(
            MODULES,
            **parts,
            priors=self.priors.model_dump(),
            synthesis=self.judging.params.model_dump(),
            clips=self.data.digest,
        )

    def told(self, settings: VaeSettings) -> np.ndarray:
        """The class of every clip, as a VAE is told it."""
        labels = self.work / "data" / "labels" / "labels.parquet"
        return conditioning_labels(self.data, labels, settings.condition, settings.noisy_label_sources)

    def with_priors(self, name: str, module: Vae, settings: VaeSettings) -> TrainedVae:
        """A trained VAE with priors fitted to its latents."""
        level = read_yaml(self.work / "params.yaml")["ingest"]["level_dbfs"]
        vae = TrainedVae(name, module, {"audio": self.audio.model_dump(), "level_dbfs": level})
        posteriors = vae.encode(self.data.clips.float32(self.generators))
        classes = torch.from_numpy(self.told(settings)[self.generators])
        return replace(vae, priors=FittedPriors.fitted(self.priors, posteriors, classes), prior=self.priors.default)

    def drawn(self, vae: TrainedVae) -> Drawn:
        """Sounds from its prior, as many of each class as evaluation asks for."""
        return draw(vae, self.counts, self.judging.params.seed, self.audio.num_samples)

    @property
    def counts(self) -> np.ndarray:
        """Sounds to draw of each class."""
        return counts_like(self.kinds, self.judging.params.sounds, len(CLASSES))

    def figures(self, vae: TrainedVae) -> dict[str, Any]:
        """Of a trained VAE, as the first judge hears it."""
        drawn = self.drawn(vae)
        found = latent_figures(vae, self.real, self.kinds, self.counts, self.judging)
        return {**{name: found[name] for name in FIGURES}, "hop_periodicity": self.buzz(vae, drawn)}

    def buzz(self, vae: TrainedVae, drawn: Drawn) -> float:
        """`hop_periodicity` of sounds that it made."""
        reference = next(iter(self.judging.references.values()))
        heard = reference.hear(drawn.waves)[1].argmax(axis=1)
        kinds = np.where(drawn.asked >= 0, drawn.asked, heard)
        return float(periodicity(drawn.waves, kinds, vae.module.hop)["hop_periodicity"])

    def by_judge(self, drawn: Drawn) -> dict[str, dict[str, Any]]:
        """Of sounds that were made, by the name of each judge."""
        found = {}
        for name, reference in self.judging.references.items():
            points, probabilities = reference.hear(drawn.waves)
            entry = judged(points, drawn.asked, probabilities.argmax(axis=1), reference, self.judging.params, Origin())
            found[name] = {key: entry[key] for key in HEARD}
        return found
