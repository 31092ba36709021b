"""What a VAE-GAN starts from: a trained VAE, or the same architecture untrained."""

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

SAME = ("architecture", "network", "latent_kind", "latent", "condition", "noisy_label_sources", "class_width", "seed")
"""Settings that must be those that the VAE was trained with; its seed chose the kits that it has not heard."""


def start_of(
    folder: Path, expected: VaeSettings, audio: AudioParams, warm: bool, seed: int
) -> tuple[Vae, dict[str, Any]]:
    """The VAE in `folder`, with its weights if `warm` and others from `seed` if not; and its config.

    The config says the SHA-256 of the weights it had, as `begun_from`. Raises UserError where there is none, or one of
    other settings or of another kind of sounds than `expected` and `audio` say.
    """
    config = read_config(folder)
    try:
        told = {"settings": VaeSettings.model_validate(config["settings"]).model_dump(), "audio": config["audio"]}
    except (KeyError, ValidationError):
        raise UserError(
            f"{folder} holds a VAE of another version of drumspace: its settings are not those of today. Train it "
            "again (`make repro`)."
        ) from None
    wanted = {"settings": expected.model_dump(), "audio": audio.model_dump()}
    pairs = [("settings", name) for name in SAME] + [("audio", name) for name in wanted["audio"]]
    wrong = [
        f"{name} is {told[part].get(name)!r} there, and {wanted[part][name]!r} in params.yaml"
        for part, name in pairs
        if told[part].get(name) != wanted[part][name]
    ]
    if wrong:
        raise UserError(
            f"{folder} holds another VAE than params.yaml describes: {'; '.join(wrong)}. Train it again "
            "(`make repro`), or put params.yaml back."
        )
    torch.manual_seed(seed)
    module = build(expected, audio.sample_rate, audio.num_samples)
    if warm:
        module = read_model(folder, module, torch.device("cpu"))  # type: ignore[assignment]
    return module.train(), {**config, "begun_from": digest(folder)}


def digest(folder: Path) -> str:
    """SHA-256 of the weights in `folder`."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
