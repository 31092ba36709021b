"""The start of a VAE-GAN: a trained VAE, or the same architecture with random weights."""

import hashlib
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from drumspace.audio.format.settings import AudioParams
from drumspace.errors import UserError
from drumspace.io.models import read_config, read_model
from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.training.vae.settings import VaeSettings

SHARED = (
    "architecture", "network", "latent_kind", "latent", "condition", "noisy_label_sources", "class_width", "seed",
)  # fmt: skip
"""Settings that must equal those of the VAE's training; its seed chose the validation kits."""


def load_start(
    folder: Path, expected: VaeSettings, audio: AudioParams, warm: bool, seed: int
) -> tuple[Vae, dict[str, Any]]:
    """The VAE in `folder`, with its weights if `warm`, else with random ones from `seed`; and its config.

    The config holds the SHA-256 of the trained weights as `initial_weights`. Raises UserError where there is no VAE, or
    where its settings or sounds differ from `expected` and `audio`.
    """
    config = read_config(folder)
    check_config(folder, config, expected, audio)
    torch.manual_seed(seed)
    module = build(expected, audio.sample_rate, audio.num_samples)
    if warm:
        module = read_model(folder, module, torch.device("cpu"))  # type: ignore[assignment]
    return module.train(), {**config, "initial_weights": weights_digest(folder)}


def check_config(folder: Path, config: dict[str, Any], expected: VaeSettings, audio: AudioParams) -> None:
    """Raise UserError where the config of the VAE in `folder` does not fit params.yaml."""
    try:
        trained = {"settings": VaeSettings.model_validate(config["settings"]).model_dump(), "audio": config["audio"]}
    except (KeyError, ValidationError):
        raise UserError(
            f"{folder} holds a VAE of another version of drumspace: its settings are outdated. Train it again "
            "(`make repro`)."
        ) from None
    current = {"settings": expected.model_dump(), "audio": audio.model_dump()}
    pairs = [("settings", name) for name in SHARED] + [("audio", name) for name in current["audio"]]
    differences = [
        f"{name} is {trained[part].get(name)!r} there, and {current[part][name]!r} in params.yaml"
        for part, name in pairs
        if trained[part].get(name) != current[part][name]
    ]
    if differences:
        raise UserError(
            f"{folder} holds another VAE than params.yaml describes: {'; '.join(differences)}. Train it again "
            "(`make repro`), or restore params.yaml."
        )


def weights_digest(folder: Path) -> str:
    """SHA-256 of the weights in `folder`."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
