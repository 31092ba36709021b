"""Evaluation of all generators, baselines and inversions of a run."""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets
from drumspace.dataset.ingest.duplicates.settings import DuplicateParams
from drumspace.errors import NotMeasured
from drumspace.metrics.generation.contract import JudgeSummary, MissingMetric, SynthesisSummary
from drumspace.synth.evaluation.evaluate import EvaluationContext, evaluate
from drumspace.synth.evaluation.evaluate_vae import LatentSamples, evaluate_vae
from drumspace.synth.evaluation.generator_sets import (
    ModelFolders,
    available_counts,
    bounds,
    floor_is_trained_on,
    load_generators,
)
from drumspace.synth.evaluation.inversions import evaluate_inversion, load_inversions
from drumspace.synth.evaluation.judge_metrics import SoundOrigin
from drumspace.synth.evaluation.judges import add_accuracy, build_references, random_weights
from drumspace.synth.evaluation.memorization import MemorizationTest
from drumspace.synth.evaluation.reconstruction_metrics import periodicity_metrics
from drumspace.synth.evaluation.reference import EmbedAndPredict, balanced_rows, counts_like
from drumspace.synth.evaluation.report_samples import ReportSamples
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.evaluation.trained_summary import summarize_training
from drumspace.synth.sampling.generator import Generator, SoundSet, draw_sounds
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.taxonomy import CLASSES

log = logging.getLogger("drumspace")


@dataclass
class EvaluationResults:
    """Results of all sets of sounds, by their names."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """SoundSetMetrics."""
    samples: dict[str, ReportSamples] = field(default_factory=dict)
    latent_samples: dict[str, LatentSamples] = field(default_factory=dict)
    tables: list[pd.DataFrame] = field(default_factory=list)
    """A row for each evaluated sound."""
    times: dict[str, float] = field(default_factory=dict)
    """Speed of generation and duration of evaluation, by the name of the figure."""
    missing: list[MissingMetric] = field(default_factory=list)


class SynthesisEvaluation:
    """Evaluation of one run: its clips, judges, models and settings, and the results so far."""

    def __init__(
        self,
        data: LabelledClips,
        subsets: Subsets,
        folders: ModelFolders,
        audio: AudioParams,
        duplicates: DuplicateParams,
        params: SynthesisParams,
    ) -> None:
        """Draw the reference clips; `duplicates`: settings of the memorization test."""
        self.data, self.subsets, self.folders, self.audio, self.params = data, subsets, folders, audio, params
        labels = data.labels[subsets.reference]
        rows = balanced_rows(subsets.reference, labels, params.reference_per_class, params.seed)
        self.real, self.labels = data.clips.float32(rows), data.labels[rows]
        self.memorization = MemorizationTest(data.clips.__getitem__, subsets.generators, audio, duplicates)
        self.results = EvaluationResults()

    def run(self, judges: dict[str, EmbedAndPredict], summaries: dict[str, JudgeSummary]) -> EvaluationResults:
        """Evaluate every set of sounds by every judge, and add the judges' accuracy to their summaries."""
        try:
            references = build_references(
                judges, self.data.clips, self.real, self.labels, self.subsets.generators, self.params
            )
        except NotMeasured as error:
            log.warning("no sound can be evaluated: %s", error)
            self.results.missing.append({"what": "generated sounds", "why": str(error)})
            return self.results
        for name, reference in references.items():
            add_accuracy(summaries[name], reference, self.params)
        context = EvaluationContext(references, self.memorization, self.audio.sample_rate, self.params)
        counts = counts_like(self.labels, self.params.sounds, len(CLASSES))
        sets = [
            *load_generators(self.folders, self.audio, self.params),
            *bounds(self.data, self.subsets, self.audio, self.params),
        ]
        for name, generator, origin in tqdm(sets, desc="sets", unit="set"):
            self._evaluate_generator(name, generator, origin, available_counts(generator, counts), context)
        not_run = self.folders.not_run([*self.params.generators, *self.params.inversions])
        self.results.missing += [{"what": name, "why": why} for name, why in not_run.items()]
        for name, invert, hop_length in load_inversions(self.folders.mcnn, self.params):
            self._add(name, *evaluate_inversion(invert, hop_length, self.real, self.labels, context))
        reference_sounds = SoundSet(self.real, self.labels, [])
        self.results.samples["reference"] = ReportSamples.select(reference_sounds, None, self.params.report_samples)
        return self.results

    def _evaluate_generator(
        self, name: str, generator: Generator, origin: SoundOrigin, counts: np.ndarray, context: EvaluationContext
    ) -> None:
        """Draw and evaluate the sounds of one generator."""
        start = time.perf_counter()
        sounds = draw_sounds(generator, counts, self.params.seed, self.audio.num_samples, name == "silence")
        drawn = time.perf_counter()
        entry, table = evaluate(sounds, context, origin)
        if isinstance(generator, TrainedVae):
            metrics, self.results.latent_samples[name] = evaluate_vae(
                generator, self.real, self.labels, counts, context
            )
            entry |= metrics
        self._add(name, sounds, {**entry, "conditional": generator.conditional}, table)
        self.results.times[f"{name}_sounds_per_second"] = len(sounds.waves) / (drawn - start)
        self.results.times[f"{name}_evaluation_seconds"] = time.perf_counter() - drawn

    def _add(self, name: str, sounds: SoundSet, entry: dict[str, Any], table: pd.DataFrame) -> None:
        """Add the results of one set; indices of the nearest training clips become clip ids."""
        table.insert(0, "sounds", name)
        table["nearest"] = self.data.ids[self.subsets.generators][table["nearest"].astype(int)]
        self.results.tables.append(table)
        self.results.entries[name] = entry
        self.results.samples[name] = ReportSamples.select(sounds, table, self.params.report_samples)

    def summary(self, judges: dict[str, JudgeSummary]) -> SynthesisSummary:
        """Keys of synthesis.json beside the sets of sounds; the first judge is the main one."""
        first, *others = judges
        trained = [name for name in ("wavegan", "mcnn", *self.results.latent_samples) if name in self.results.entries]
        return {
            "judge": judges[first],
            "judges": {name: judges[name] for name in others},
            "reference": reference_metrics(self.real, self.labels, self.params),
            "settings": {"neighbours": self.params.neighbours, "components": self.params.components},
            "trained": {name: summarize_training(self.folders.training(name)) for name in trained},
            "floor_is_trained_on": floor_is_trained_on(self.subsets),
            "not_measured": [*self.results.missing, *random_weights(judges)],
        }


def reference_metrics(real: np.ndarray, labels: np.ndarray, params: SynthesisParams) -> dict[str, Any]:
    """Number of the reference clips, in all and by class, and their own hop periodicity."""
    metrics: dict[str, Any] = {"n": len(real), "classes": np.bincount(labels, minlength=len(CLASSES)).tolist()}
    try:
        return {**metrics, **periodicity_metrics(real, labels, params.hop_length)}
    except NotMeasured as error:
        missing = [{"what": "hop_periodicity", "why": str(error)}]
        return {**metrics, "hop_periodicity": None, "hop_periodicity_n": 0, "not_measured": missing}
