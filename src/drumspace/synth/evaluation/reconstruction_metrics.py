"""Errors of reconstructed clips, over all of them and by class, and the hop periodicity of sounds."""

from typing import Any, cast

import numpy as np

from drumspace.errors import NotMeasured
from drumspace.metrics.generation import descriptors, reconstruction
from drumspace.metrics.generation.contract import ReconstructionErrors
from drumspace.taxonomy import CLASSES

NOISY_CLASSES = ("snare", "hat", "crash", "clap", "shaker")
"""Classes without a pitch, in which a periodicity at the decoder's hop is an artefact (buzz)."""
NO_VALUE = "no clip has this metric: it needs an onset or a pitch in both the clip and its reconstruction"


def periodicity_metrics(waves: np.ndarray, labels: np.ndarray, hop_length: int) -> dict[str, Any]:
    """Mean whitened autocorrelation at `hop_length` samples of the sounds of NOISY_CLASSES. labels: int [n].

    Raises NotMeasured where there are no such sounds, or silent ones only.
    """
    noisy = np.isin(labels, [CLASSES.index(label) for label in NOISY_CLASSES])
    if not noisy.any():
        raise NotMeasured(f"no sound of {', '.join(NOISY_CLASSES)}")
    values = descriptors.hop_periodicity(waves[noisy], hop_length)
    values = values[np.isfinite(values)]
    if not len(values):
        raise NotMeasured("all sounds of these classes are silent")
    return {"hop_periodicity": float(values.mean()), "hop_periodicity_n": len(values)}


def reconstruction_metrics(
    reconstructed: np.ndarray, real: np.ndarray, labels: np.ndarray, sample_rate: int
) -> dict[str, Any]:
    """`mrstft` and `log_spectral_distance` of all clips; `reconstruction`: ReconstructionErrors of all and by class.

    reconstructed, real: float [n, T]; labels: int [n]. A clip without a pitch has no pitch error, and so on: each mean
    is over the clips that have the metric.
    """
    errors = {
        "mrstft": reconstruction.multi_resolution_stft(reconstructed, real),
        **reconstruction.spectral_distances(reconstructed, real, sample_rate),
        "onset_ms": reconstruction.onset_error(reconstructed, real, sample_rate),
        "envelope_db": reconstruction.envelope_error(reconstructed, real, sample_rate),
        "pitch_semitones": reconstruction.pitch_error(reconstructed, real, sample_rate),
    }
    pitched = np.isfinite(descriptors.pitch_hz(real, sample_rate))
    overall = mean_errors(errors, pitched, np.ones(len(real), dtype=bool))
    by_class = {CLASSES[index]: mean_errors(errors, pitched, labels == index) for index in np.unique(labels)}
    return {
        "mrstft": overall["mrstft"],
        "log_spectral_distance": overall["log_spectral_distance"],
        "reconstruction": {"all": overall, **by_class},
    }


def mean_errors(errors: dict[str, np.ndarray], pitched: np.ndarray, chosen: np.ndarray) -> ReconstructionErrors:
    """Means of the errors (float [n] each, NaN where a clip has none) over the chosen clips, with their numbers."""
    means: dict[str, Any] = {"n": int(chosen.sum()), "with_pitch": int((chosen & pitched).sum())}
    missing = []
    for name, values in errors.items():
        present = values[chosen][np.isfinite(values[chosen])]
        means[name] = float(present.mean()) if len(present) else None
        if len(present) < chosen.sum():
            means[f"{name}_n"] = len(present)
        if not len(present):
            missing.append({"what": name, "why": NO_VALUE})
    if missing:
        means["not_measured"] = missing
    return cast(ReconstructionErrors, means)
