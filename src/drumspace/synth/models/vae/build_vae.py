"""Construction of a VAE from its settings, and its class weights."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from drumspace.synth.models.vae import registry
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.taxonomy import CLASSES


def build(settings: VaeSettings, sample_rate: int, num_samples: int) -> Vae:
    """An untrained VAE. Raises UserError for an unknown architecture."""
    network = registry.settings_type(settings.architecture).model_validate(settings.network)
    networks = registry.build(settings.architecture, network, sample_rate, num_samples)
    classes = 0 if settings.condition == "none" else len(CLASSES)
    return Vae(networks, settings.latent_kind, settings.latent, classes, settings.class_width)


def class_weights(classes: np.ndarray) -> Tensor:
    """One-hot class weights of class indices [B], -1 for none: float32 [B, classes + 1], the last of no class."""
    index = np.where(classes < 0, len(CLASSES), classes)
    return functional.one_hot(torch.from_numpy(index).long(), len(CLASSES) + 1).float()
