"""Small VAEs in the file layout of their stages, trained for a few steps, with their priors."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from drumspace.audio.format.settings import AudioParams
from drumspace.io.json_files import write_json
from drumspace.synth.sampling import prior_registry
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.trained_vae import load_vae
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae
from drumspace.taxonomy import CLASSES

RATE, LENGTH, COUNT, LATENT = 8000, 2400, 64, 4
AUDIO = AudioParams(sample_rate=RATE, seconds=LENGTH / RATE, onset_db=-40, lead_ms=1, fade_ms=10, silence_dbfs=-60)
PRIORS: dict[str, dict[str, Any]] = {
    "normal": {},
    "mixture": {"components": 2, "samples_per_component": 4, "regularisation": 0.01},
    "flow": {
        "width": 16, "layers": 1, "steps": 20, "batch_size": 16, "learning_rate": 0.01, "num_steps": 4,
        "label_dropout": 0.1,
    },
}  # fmt: skip


def drums() -> tuple[np.ndarray, np.ndarray]:
    """Sines that decay (kicks) and noise that does (snares), float32 [COUNT, LENGTH], and their class indices."""
    rng = np.random.default_rng(0)
    time = np.arange(LENGTH) / RATE
    sines = np.sin(2 * np.pi * rng.uniform(60, 200, (COUNT // 2, 1)) * time)
    both = np.concatenate([sines, rng.uniform(-1, 1, (COUNT // 2, LENGTH))])
    waves = both * np.exp(-time * rng.uniform(10, 40, (COUNT, 1)))
    labels = np.repeat([CLASSES.index("kick"), CLASSES.index("snare")], COUNT // 2)
    return (0.89 * waves / np.abs(waves).max(axis=1, keepdims=True)).astype(np.float32), labels


def settings(**changes: Any) -> VaeSettings:
    defaults: dict[str, Any] = {
        "seed": 1, "architecture": "istft",
        "network": {
            "n_fft": 256, "hop_length": 64, "width": 16, "features": 8, "bands": 8, "time_steps": 2,
            "channels": [8, 8, 8, 8],
            "mel": {"n_fft": 256, "hop_length": 64, "floor_db": -80, "n_mels": 16, "fmin": 20, "fmax": None},
        },
        "latent_kind": "global", "latent": LATENT, "condition": "labels", "noisy_label_sources": [],
        "class_width": 3, "label_dropout": 0.1,
        "terms": {
            "sing_log": 0, "log_magnitude": 1, "spectral_convergence": 1, "mel": 0, "l1": 0, "l2": 0, "noise_ratio": 1,
            "onset": 1,
            "num_renderings": 1, "resolutions": 1,
        },
        "kl": {
            "kind": "beta", "beta": 0.001, "warm_up": 0.5,
        },
        "augment": {"flip": True, "speed": 0, "gain_db": 0}, "segment": None, "compiled": False,
        "steps": 60, "batch_size": 8, "learning_rate": 0.01, "ema_decay": 0.8,
        "validate_every": 60, "checkpoint_every": 60,
    }  # fmt: skip
    return VaeSettings.model_validate({**defaults, **changes})


def train_and_save(folder: Path, name: str, vae_settings: VaeSettings) -> None:
    """Train a VAE, fit its priors and save both under `folder`, in the layout of the stages."""
    waves, labels = drums()
    pcm = np.round(waves * 32767).astype(np.int16)
    sounds = Sounds(pcm.__getitem__, np.arange(COUNT), np.arange(0, COUNT, 8), labels)
    model, info = train_vae(sounds, vae_settings, RATE, LENGTH)
    path = folder / "vae" / name
    path.mkdir(parents=True)
    save_file(model.state_dict(), path / "model.safetensors")
    config = {"settings": vae_settings.model_dump(), "audio": AUDIO.model_dump(), "level_dbfs": -1.0, "step": info.step}
    write_json(path / "config.json", {"model": "vae", **config})
    vae = load_vae(path)
    latents = vae.encode(waves).sample(2, torch.Generator().manual_seed(0))
    repeated_labels = torch.from_numpy(labels if vae.conditional else np.full(COUNT, -1)).repeat(2)
    prior_settings = {
        prior: prior_registry.settings_type(prior).model_validate(values) for prior, values in PRIORS.items()
    }
    priors = FittedPriors(prior_settings, vae.size, min(vae.size, 6))
    priors.fit(latents, repeated_labels, 0)
    path = folder / "priors" / name
    path.mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in priors.state_dict().items()}, path / "model.safetensors")
    models = {prior: values.model_dump() for prior, values in prior_settings.items()}
    write_json(
        path / "config.json", {"default": "mixture", "models": models, "size": vae.size, "num_axes": min(vae.size, 6)}
    )


def save_models(folder: Path) -> Path:
    """Save three generators, `vae`, `frames` and the unconditional `blind`; returns the folder."""
    train_and_save(folder, "vae", settings())
    train_and_save(folder, "frames", settings(latent_kind="frames", latent=2, steps=10))
    train_and_save(folder, "blind", settings(condition="none", steps=10))
    return folder
