"""Inputs of the report: read by the stage, never changed by the sections."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import FeatureParams
from drumspace.dataset.access.clips import Clips
from drumspace.metrics.classification.contract import ClassifierMetrics, CommitteeMetrics, ModelMetrics
from drumspace.metrics.classification.details_contract import DetailMetrics
from drumspace.metrics.classification.propagation_contract import PropagationMetrics
from drumspace.metrics.maps.contract import ManifoldMetrics
from drumspace.report import pictures
from drumspace.report.settings import ReportParams
from drumspace.taxonomy import CLASSES

PARTS = ("train", "validation", "test", "test_rest", "judge", "reference")
"""Parts of the split that hold labelled clips, in the order of the page."""


@dataclass(frozen=True)
class Latent:
    """Sounds of one VAE, int16 [rows, columns, num_samples] each, with a description of each row."""

    reconstructions: np.ndarray
    """A row per class: a real clip and its reconstruction."""
    interpolation: np.ndarray
    """A row per kind of path: its steps."""
    directions: np.ndarray
    """A row per principal axis: positions along it."""
    rows: dict[str, list[dict[str, Any]]]
    """Description of each row, by the name of the array; `model_summary`: the model's layers."""


@dataclass(frozen=True)
class Inputs:
    """Artefacts of earlier stages, as they were written."""

    clips: Clips
    splits: pd.DataFrame
    """clip_id, part."""
    sources: dict[str, Any]
    """data/raw/sources.json."""
    quarantine: pd.DataFrame
    """path, reason."""
    ingest: dict[str, Any]
    split: dict[str, Any]
    classifiers: ClassifierMetrics
    details: DetailMetrics
    label_issues: dict[str, Any]
    doubted: pd.DataFrame
    """Labels in doubt to list, the most doubtful first: path, label, suggested, quality, clip_id."""
    maps: dict[str, pd.DataFrame]
    """For each feature, clip_id and positions on its maps (see drumspace.maps.atlas), in any order."""
    manifold: ManifoldMetrics
    propagation: PropagationMetrics
    queue: pd.DataFrame
    """Review queue, the most useful first: path, suggested, confidence, near_duplicates, gain, clip_id."""
    synthesis: dict[str, Any]
    sounds: dict[str, tuple[np.ndarray, list[dict[str, str | None]]]]
    """Samples to play, by set of sounds: int16 [n, num_samples], and for each its `requested` class and the clip_id of
    its `nearest` training clip, or null."""
    latent: dict[str, Latent]
    """Samples of each VAE, by its name."""
    audio: AudioParams
    features: FeatureParams
    params: ReportParams

    @cached_property
    def catalog(self) -> pd.DataFrame:
        """Catalogue with the column `part` (text or null) added."""
        part = self.splits.drop_duplicates("clip_id").set_index("clip_id")["part"]
        catalog = self.clips.catalog.reset_index(drop=True)
        return catalog.assign(part=catalog["clip_id"].map(part))

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {clip: row for row, clip in enumerate(self.catalog["clip_id"])}

    def wave(self, clip_id: str) -> tuple[str, np.ndarray] | None:
        """Path and samples, int16 [num_samples], of a clip; None if the catalogue lacks it."""
        row = self._row_of.get(clip_id)
        return None if row is None else (str(self.catalog["path"].iloc[row]), self.clips[np.array([row])][0])

    def player(self, clip_id: str) -> str | None:
        """FLAC data URI of a clip; None if the catalogue lacks it."""
        clip = self.wave(clip_id)
        return None if clip is None else pictures.flac(clip[1], self.audio.sample_rate)

    @cached_property
    def models(self) -> dict[str, ModelMetrics | CommitteeMetrics]:
        """Models of classifiers.json by name, with the committee as one of them if there is one."""
        models: dict[str, ModelMetrics | CommitteeMetrics] = {**self.classifiers.get("models", {})}
        committee = self.classifiers.get("committee")
        return {**models, "committee": committee} if committee else models

    @cached_property
    def best(self) -> str | None:
        """Name of the model chosen on validation data; None if none was."""
        best = self.classifiers.get("best")
        return best if best in self.models else None

    @cached_property
    def measured_classes(self) -> list[str]:
        """Classes of the classifiers' test part, in the order of CLASSES."""
        measured = self.classifiers.get("classes")
        return [label for label in CLASSES if measured is None or label in measured]
