"""Metrics of a VAE's latent space: KL, active units, reconstruction errors, and sounds from each prior."""

from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.class_agreement import class_agreement
from drumspace.metrics.generation.contract import PriorMetrics
from drumspace.metrics.generation.latent import active_units
from drumspace.synth.evaluation.distribution_metrics import distribution_metrics
from drumspace.synth.evaluation.evaluate import EvaluationContext
from drumspace.synth.evaluation.measurements import Measurements
from drumspace.synth.evaluation.reconstruction_metrics import periodicity_metrics, reconstruction_metrics
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.generator import draw_sounds
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.taxonomy import CLASSES

MAX_UNITS = 256
"""Latent dimensions whose KL is listed, at most."""


def latent_metrics(
    vae: TrainedVae, real: np.ndarray, labels: np.ndarray, counts: np.ndarray, context: EvaluationContext
) -> dict[str, Any]:
    """VaeMetrics of the reference clips: float [n, T] with class indices int [n].

    `counts` [classes] sounds are drawn from each prior.
    """
    posteriors = vae.encode(real)
    kl = posteriors.mean_kl()
    chosen = reconstructed_rows(len(real), context)
    decoded = decode_all(vae, posteriors.mean[chosen], class_weights(labels[chosen]), context.params.seed)
    metrics: dict[str, Any] = {
        "active_units": active_units(kl),
        "latent_dim": len(kl),
        "kl_nats": float(kl.sum()),
        "kl_by_unit": np.sort(kl)[::-1][:MAX_UNITS].tolist(),
        **reconstruction_metrics(decoded, real[chosen], labels[chosen], vae.audio.sample_rate),
        "priors": {name: prior_metrics(replace(vae, prior=name), counts, context) for name in vae.prior_names},
    }
    metrics["reconstruction"] |= reconstruction_periodicity(decoded, labels[chosen], vae.module.hop)
    return metrics


def reconstructed_rows(count: int, context: EvaluationContext) -> np.ndarray:
    """Rows of the reference clips that are reconstructed, sorted."""
    rng = np.random.default_rng(context.params.seed)
    return np.sort(rng.permutation(count)[: context.params.reconstructions])


def decode_all(
    vae: TrainedVae, latents: Tensor, classes: Tensor | None, seed: int, same_noise: bool = False
) -> np.ndarray:
    """Decode latents [n, size] to one array float32 [n, T]; see TrainedVae.decode."""
    return np.concatenate(list(vae.decode(latents, classes, seed, same_noise)))


def reconstruction_periodicity(waves: np.ndarray, labels: np.ndarray, hop_length: int) -> dict[str, Any]:
    """`hop_periodicity` of reconstructions; null with its reason where none is of a noisy class."""
    try:
        return {"hop_periodicity": periodicity_metrics(waves, labels, hop_length)["hop_periodicity"]}
    except NotMeasured as error:
        return {"hop_periodicity": None, "not_measured": [{"what": "hop_periodicity", "why": str(error)}]}


def prior_metrics(vae: TrainedVae, counts: np.ndarray, context: EvaluationContext) -> dict[str, Any]:
    """PriorMetrics of counts[c] sounds of each class c, drawn from the VAE's current prior, by the first judge."""
    params, reference = context.params, context.first
    metrics = Measurements(PriorMetrics)
    metrics.values.pop("not_measured")
    sounds = draw_sounds(vae, counts, params.seed, vae.audio.num_samples)
    metrics.values["n"] = len(sounds.waves)
    if not len(sounds.waves):
        metrics.record_missing("everything", "no sound was generated")
        return metrics.to_dict()
    points, probs = reference.embed_and_predict(sounds.waves)
    distances = distribution_metrics(points, reference.points, reference.sigma, params)
    metrics.values |= {name: distances.values[name] for name in metrics.values if name in distances.values}
    metrics.missing += distances.missing
    chosen = sounds.requested >= 0
    if chosen.any():
        predicted = probs[chosen].argmax(axis=1)
        metrics.values["class_agreement"], _ = class_agreement(sounds.requested[chosen], predicted, len(CLASSES))
    return metrics.to_dict()
