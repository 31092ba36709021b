"""Clips, judges and settings of a finished run of the pipeline, and the evaluation of VAEs on them."""

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.inference.embed_and_predict import embed_and_predict
from drumspace.classify.inference.trained_model import load_trained
from drumspace.dataset.access.conditioning_labels import conditioning_labels
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets, hold_out_kits
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.io.settings import load, read_yaml
from drumspace.synth.evaluation.evaluate import EvaluationContext
from drumspace.synth.evaluation.judge_metrics import SoundOrigin, judge_metrics
from drumspace.synth.evaluation.latent_metrics import latent_metrics
from drumspace.synth.evaluation.memorization import MemorizationTest
from drumspace.synth.evaluation.reconstruction_metrics import periodicity_metrics
from drumspace.synth.evaluation.reference import Reference, balanced_rows, counts_like
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.generator import SoundSet, draw_sounds
from drumspace.synth.sampling.settings import PriorParams
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import fingerprint

JUDGE_FIGURES = ("kernel_distance", "kernel_distance_ci95", "coverage", "precision", "class_agreement", "spread")
MODULES = (
    "drumspace.classify.inference.embed_and_predict",
    "drumspace.synth.evaluation.evaluate_vae",
    "drumspace.synth.sampling.fitted_priors",
    "drumspace.synth.training.vae.train_vae",
    "drumspace.synth.training.vaegan.train_vaegan",
)
"""Modules whose code decides a row, with all plug-ins."""
CALIBRATION_STEPS = 30
"""Steps of a calibration, after a few for warm-up."""
FIGURES = ("mrstft", "log_spectral_distance", "kl_nats", "active_units", "latent_dim", "priors")


def sounds_of(work: Path, settings: VaeSettings) -> Sounds:
    """Training and validation sounds of a VAE, as in the stage train_vae."""
    splits = work / "data" / "splits.parquet"
    data = LabelledClips(work / "data" / "clips", splits)
    rows = Subsets.read(data, pd.read_parquet(splits)).generators
    is_validation = hold_out_kits(data.catalog["kit"].to_numpy()[rows], data.labels[rows] + 1, 10, settings.seed)
    labels = work / "data" / "labels" / "labels.parquet"
    classes = conditioning_labels(data, labels, settings.condition, settings.noisy_label_sources)
    return Sounds(data.clips.__getitem__, rows[~is_validation], rows[is_validation], classes)


def steps_in(seconds: float, sounds: Sounds, settings: VaeSettings, audio: AudioParams) -> int:
    """Number of training steps that fit into `seconds`, from the difference of two trainings after a warm-up."""
    unwatched = Sounds(sounds.pcm, sounds.rows, sounds.validation[:0], sounds.classes)
    durations = []
    for steps in (3, 3, 3 + CALIBRATION_STEPS):
        start = time.perf_counter()
        train_vae(unwatched, settings.model_copy(update={"steps": steps}), audio.sample_rate, audio.num_samples)
        durations.append(time.perf_counter() - start)
    return int(seconds * CALIBRATION_STEPS / (durations[2] - durations[1]))


@dataclass(frozen=True)
class Bench:
    """Clips, judges and settings of a finished run."""

    work: Path
    data: LabelledClips
    generators: np.ndarray
    real: np.ndarray
    labels: np.ndarray
    evaluation: EvaluationContext
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
        real, labels = data.clips.float32(rows), data.labels[rows]
        judges = {
            name: partial(embed_and_predict, load_trained(work / "models" / "judge" / name))
            for name in read_yaml(work / "params.yaml")["judge"]["run"]
        }
        # Benchmarks do not compare with training clips: a few real clips take their place.
        references = {
            name: Reference.build(judge, lambda: [real], lambda: [real[:8]], labels) for name, judge in judges.items()
        }
        duplicates = load(work / "params.yaml", "ingest.duplicates", DuplicateParams)
        memorization = MemorizationTest(data.clips.__getitem__, subsets.generators, audio, duplicates)
        evaluation = EvaluationContext(references, memorization, audio.sample_rate, params)
        priors = load(work / "params.yaml", "priors", PriorParams)
        return cls(work, data, subsets.generators, real, labels, evaluation, audio, priors)

    def key(self, **parts: Any) -> str:
        """Key of a row: a fingerprint of `parts`, of the evaluation's settings and clips, and of the code."""
        return fingerprint(
            MODULES,
            **parts,
            priors=self.priors.model_dump(),
            synthesis=self.evaluation.params.model_dump(),
            clips=self.data.digest,
        )

    def class_labels(self, settings: VaeSettings) -> np.ndarray:
        """Conditioning label of every clip: class index, -1 for none, int [n]."""
        labels = self.work / "data" / "labels" / "labels.parquet"
        return conditioning_labels(self.data, labels, settings.condition, settings.noisy_label_sources)

    def with_priors(self, name: str, module: Vae, settings: VaeSettings) -> TrainedVae:
        """VAE with priors fitted to the latents of its training clips."""
        level = read_yaml(self.work / "params.yaml")["ingest"]["level_dbfs"]
        vae = TrainedVae(name, module, {"audio": self.audio.model_dump(), "level_dbfs": level})
        posteriors = vae.encode(self.data.clips.float32(self.generators))
        classes = torch.from_numpy(self.class_labels(settings)[self.generators])
        return replace(
            vae, priors=FittedPriors.from_posteriors(self.priors, posteriors, classes), prior=self.priors.default
        )

    def samples(self, vae: TrainedVae) -> SoundSet:
        """Samples from the VAE's prior, with the class counts of the evaluation."""
        return draw_sounds(vae, self.counts, self.evaluation.params.seed, self.audio.num_samples)

    @property
    def counts(self) -> np.ndarray:
        """Number of samples per class."""
        return counts_like(self.labels, self.evaluation.params.sounds, len(CLASSES))

    def figures(self, vae: TrainedVae) -> dict[str, Any]:
        """Figures of a trained VAE by the first judge."""
        samples = self.samples(vae)
        results = latent_metrics(vae, self.real, self.labels, self.counts, self.evaluation)
        return {**{name: results[name] for name in FIGURES}, "hop_periodicity": self.buzz(vae, samples)}

    def buzz(self, vae: TrainedVae, samples: SoundSet) -> float:
        """`hop_periodicity` of samples of the VAE."""
        predicted = self.evaluation.first.embed_and_predict(samples.waves)[1].argmax(axis=1)
        labels = np.where(samples.requested >= 0, samples.requested, predicted)
        return float(periodicity_metrics(samples.waves, labels, vae.module.hop)["hop_periodicity"])

    def by_judge(self, samples: SoundSet) -> dict[str, dict[str, Any]]:
        """Figures of samples by the name of each judge."""
        results = {}
        for name, reference in self.evaluation.references.items():
            points, probabilities = reference.embed_and_predict(samples.waves)
            entry = judge_metrics(
                points,
                samples.requested,
                probabilities.argmax(axis=1),
                reference,
                self.evaluation.params,
                SoundOrigin(),
            )
            results[name] = {key: entry[key] for key in JUDGE_FIGURES}
        return results
