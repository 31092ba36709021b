"""What each number means, and how each picture was made."""

from dataclasses import dataclass

from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.rainbowgram import RainbowParams
from drumspace.audio.spectral.settings import FeatureParams
from drumspace.metrics.generation.reconstruction import BANDS
from drumspace.report.inputs import Inputs

STAGES = (
    ("fetch", "gets the packages by name and checks their hashes"),
    ("ingest", "decodes, trims and labels; refuses what it can't read"),
    ("split", "keeps kits and near-duplicates on one side"),
    ("features", "spec, mel, mfcc: one run each"),
    ("classify", "one run a model"),
    ("weights", "published weights that models start from"),
    ("compare_classifiers", "the table above"),
    ("label_issues", "training labels in doubt"),
    ("pretrained_features", "what a published network hears"),
    ("learned_features", "what a network trained here hears"),
    ("embed", "the maps: one run a feature"),
    ("compare_maps", "how faithful the maps are"),
    ("propagate", "tables of propagation, and the labels"),
    ("judge", "networks that judge generated sounds: one run each"),
    ("train_wavegan", "a WaveGAN, to hold others against"),
    ("train_mcnn", "a network that finds a wave for magnitudes"),
    ("train_vae", "VAEs: one run each"),
    ("train_vaegan", "VAE-GANs: one run each"),
    ("fit_priors", "where latents of each VAE are drawn from"),
    ("evaluate_synthesis", "figures of generated sounds"),
    ("report", "this page"),
    ("plots", "the same figures for dvc plots show"),
)
"""Stages by their names in DVC, which are the experiments' names in MLflow."""


@dataclass(frozen=True)
class Methods:
    """What the section shows."""

    audio: AudioParams
    features: FeatureParams
    rainbow: RainbowParams
    models: list[str]
    neighbours: int | None
    """Of precision, recall, density and coverage."""
    components: int | None
    """Dimensions of the Fréchet distance, at most."""
    mel_bands: int
    stages: tuple[tuple[str, str], ...]


def context(inputs: Inputs) -> Methods:
    """The section from its inputs."""
    judged = inputs.synthesis.get("settings") or {}
    return Methods(
        audio=inputs.audio,
        features=inputs.features,
        rainbow=inputs.params.rainbowgram,
        models=sorted(inputs.models),
        neighbours=judged.get("neighbours"),
        components=judged.get("components"),
        mel_bands=BANDS,
        stages=STAGES,
    )
