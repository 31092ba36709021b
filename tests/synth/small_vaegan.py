"""Settings of small VAE-GANs, and the VAE at the start of their training."""

from typing import Any

import numpy as np
import torch

from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.latent_sources import build_latent_source
from drumspace.synth.sampling.prior_registry import settings_type
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.synth.training.vaegan.train_vaegan import VaeGanResult, train_vaegan
from small_vae import AUDIO, COUNT, LENGTH, RATE, drums, settings

STRATEGY_SETTINGS: dict[str, dict[str, Any]] = {
    "two_stage": {},
    "alternating": {"latents": "normal", "warm_start": False, "discriminator_every": 2, "optimizer": "rmsprop"},
    "larsen": {
        "latents": "normal", "warm_start": False, "objective": "log",
        "weights": {"adversarial": 1, "feature_matching": 10, "spectral": 0},
    },
}  # fmt: skip
"""Settings of each strategy that differ from the defaults."""


def sounds() -> Sounds:
    """Sounds of small_vae, with every fourth one held out for validation."""
    waves, labels = drums()
    pcm = np.round(waves * 32767).astype(np.int16)
    validation = np.arange(0, COUNT, 4)
    return Sounds(pcm.__getitem__, np.setdiff1d(np.arange(COUNT), validation), validation, labels)


def vae_settings(**changes: Any) -> VaeSettings:
    """Settings of the VAE, with two renderings."""
    terms = settings().terms.model_dump()
    return settings(**{"terms": {**terms, "num_renderings": 2}, **changes})


def gan_settings(strategy: str, **changes: Any) -> VaeGanSettings:
    """Settings of a small VAE-GAN with a short training."""
    defaults: dict[str, Any] = {
        "seed": 3, "strategy": strategy, "latents": "prior", "warm_start": True,
        "discriminators": {
            "wavegan": {"width": 2, "layers": 3, "phase_shuffle": 2},
            "multi_resolution_stft": {"width": 2, "resolutions": [[256, 64]], "view": "log_mel", "mel_bands": 20},
        },
        "class_head": True, "objective": "least_squares", "gradient_penalty": 0,
        "weights": {"adversarial": 1, "feature_matching": 2, "spectral": 1},
        "terms": vae_settings().terms.model_dump(), "kl": vae_settings().kl.model_dump(),
        "label_dropout": 0.2, "augment": {"flip": True, "speed": 0.05, "gain_db": 0}, "segment": 0.2,
        "steps": 8, "warm_up": 0.25, "batch_size": 6, "optimizer": "adam", "betas": [0.8, 0.99],
        "generator_rate": 0.002, "discriminator_rate": 0.002, "schedule": "cosine", "gradient_clip": 10,
        "discriminator_every": 1,
        "ema_decay": 0.5, "zero_steps": 50, "validate_every": 4, "checkpoint_every": 3,
    }  # fmt: skip
    return VaeGanSettings.model_validate({**defaults, **STRATEGY_SETTINGS[strategy], **changes})


def untrained(network_settings: VaeSettings | None = None) -> Vae:
    """VAE with initial weights."""
    torch.manual_seed(0)
    return build(network_settings or vae_settings(), RATE, LENGTH)


def priors(vae: Vae) -> FittedPriors:
    """Priors of a VAE: a mixture fitted to the latents of the sounds, and N(0, I)."""
    waves, labels = drums()
    prior_settings = {"normal": {}, "mixture": {"components": 1, "samples_per_component": 4, "regularisation": 0.01}}
    fitted = FittedPriors(
        {name: settings_type(name).model_validate(values) for name, values in prior_settings.items()}, vae.latent, 4
    )
    with torch.no_grad():
        fitted.fit(vae.encode(torch.from_numpy(waves)).mean, torch.from_numpy(labels), 0)
    return fitted


def trained(strategy: str, changes: dict[str, Any] | None = None, **options: Any) -> tuple[Vae, VaeGanResult]:
    """Train a VAE-GAN with `changes` to the settings; `options` are keywords of train_vaegan."""
    vae, chosen_settings = untrained(), gan_settings(strategy, **(changes or {}))
    source = build_latent_source(chosen_settings.latents, (priors(vae), "mixture"))
    return train_vaegan(vae, vae_settings(), sounds(), chosen_settings, AUDIO, source, **options)
