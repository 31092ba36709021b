"""Section `methods`: the meaning of each figure, and how each picture is made."""

from typing import Any

from drumspace.metrics.generation.reconstruction import BANDS
from drumspace.report.inputs import Inputs

STAGES = (
    ("fetch", "fetches the sources by package name and checks their hashes"),
    ("ingest", "decodes, trims and labels; rejects files that cannot be read"),
    ("split", "keeps kits and near-duplicates on one side"),
    ("features", "spec, mel, mfcc: one run each"),
    ("classify", "one run per model"),
    ("weights", "published weights of the models"),
    ("compare_classifiers", "the table of classifiers"),
    ("classify_detail", "open, closed and pedal hats, 808 and acoustic kicks"),
    ("label_issues", "training labels in doubt"),
    ("pretrained_features", "embeddings of a published network"),
    ("learned_features", "embeddings of a network trained in this run"),
    ("embed", "the maps: one run per feature"),
    ("compare_maps", "how faithful the maps are"),
    ("propagate", "tables of propagation, and the labels"),
    ("judge", "networks that evaluate generated sounds: one run each"),
    ("train_wavegan", "WaveGAN, a baseline"),
    ("train_mcnn", "MCNN, a network that inverts magnitude spectrograms"),
    ("train_vae", "VAEs: one run each"),
    ("train_vaegan", "VAE-GANs: one run each"),
    ("fit_priors", "priors of the VAEs' latents"),
    ("evaluate_synthesis", "figures of generated sounds"),
    ("report", "this page"),
    ("plots", "the same figures for dvc plots show"),
)
"""Stages by their names in DVC, which are also the names of MLflow's experiments."""


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template: settings of the pictures and of the figures, models, stages.

    neighbours: k of precision, recall, density and coverage; components: most dimensions of the Fréchet distance.
    """
    settings = inputs.synthesis.get("settings") or {}
    return {
        "audio": inputs.audio,
        "features": inputs.features,
        "rainbow": inputs.params.rainbowgram,
        "models": sorted(inputs.models),
        "neighbours": settings.get("neighbours"),
        "components": settings.get("components"),
        "mel_bands": BANDS,
        "stages": STAGES,
    }
