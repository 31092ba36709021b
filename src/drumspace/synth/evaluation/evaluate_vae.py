"""Evaluation of a VAE beyond its generated sounds: latent space, interpolation, principal axes, report samples."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from drumspace.audio.format.levels import to_pcm
from drumspace.synth.evaluation.directions import axis_metrics
from drumspace.synth.evaluation.evaluate import EvaluationContext
from drumspace.synth.evaluation.interpolation_metrics import PATHS, draw_pairs, interpolation_metrics
from drumspace.synth.evaluation.latent_metrics import decode_all, latent_metrics, reconstructed_rows
from drumspace.synth.evaluation.model_summary import summarize_model
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.taxonomy import CLASSES


@dataclass(frozen=True)
class LatentSamples:
    """Sounds of one VAE for the report: int16 [rows, columns, num_samples] each."""

    reconstructions: np.ndarray
    """A row per class: a real clip and its reconstruction."""
    interpolation: np.ndarray
    """A row per kind of path: its steps."""
    directions: np.ndarray
    """A row per principal axis: positions along it."""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Description of each row, by the name of the array; `model_summary`: the model's layers."""


def evaluate_vae(
    vae: TrainedVae, real: np.ndarray, labels: np.ndarray, counts: np.ndarray, context: EvaluationContext
) -> tuple[dict[str, Any], LatentSamples]:
    """Metrics that VAEs alone have, to add to an entry of drumspace.synth.evaluation.evaluate, and report samples.

    Arguments as in `latent_metrics`.
    """
    params = context.params
    metrics = latent_metrics(vae, real, labels, counts, context)
    means = vae.encode(real).mean
    pairs = draw_pairs(labels, params.interpolations, np.random.default_rng(params.seed))
    metrics["interpolation"], paths = interpolation_metrics(vae, means, labels, pairs, context.first, params.seed)
    metrics["directions"], axes = axis_metrics(vae, means, labels, params.axes)
    rows = first_of_each_class(labels, reconstructed_rows(len(real), context))
    decoded = decode_all(vae, means[rows], class_weights(labels[rows]), params.seed)
    ends = {"from": CLASSES[labels[pairs[0][0]]], "to": CLASSES[labels[pairs[0][1]]]} if pairs else {}
    return metrics, LatentSamples(
        reconstructions=to_pcm(np.stack([real[rows], decoded], axis=1)),
        interpolation=to_pcm(paths),
        directions=to_pcm(axes),
        rows={
            "reconstructions": [{"class": CLASSES[labels[row]]} for row in rows],
            "interpolation": [{"path": path, **ends} for path in PATHS[: len(paths)]],
            "directions": metrics["directions"],
            "model_summary": summarize_model(vae.module, vae.audio.num_samples),
        },
    )


def first_of_each_class(labels: np.ndarray, chosen: np.ndarray) -> list[int]:
    """First of the chosen rows of each class that has one; labels: int [n], chosen: rows [m]."""
    return [int(rows[0]) for index in range(len(CLASSES)) if len(rows := chosen[labels[chosen] == index])]
