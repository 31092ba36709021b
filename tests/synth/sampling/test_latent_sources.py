"""Latent sources draw latents of the requested classes, in the shape that a VAE decodes."""

from typing import Any

import numpy as np
import pytest
import torch

from drumspace.errors import UserError
from drumspace.synth.models.vae.build_vae import build, class_weights
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.latent_sources import build_latent_source
from drumspace.synth.sampling.prior_registry import settings_type
from small_vae import LENGTH, RATE, settings

SETTINGS: dict[str, Any] = {
    "normal": {},
    "mixture": {"components": 1, "samples_per_component": 4, "regularisation": 0.01},
}


def separated_priors(size: int) -> FittedPriors:
    """Priors fitted to latents of class 0 around 4 and class 3 around -4."""
    labels = torch.tensor([0, 3]).repeat_interleave(100)
    latents = torch.randn(200, size, generator=torch.Generator().manual_seed(0)) + 4 * (1 - 2 * (labels == 3))[:, None]
    priors = FittedPriors(
        {name: settings_type(name).model_validate(values) for name, values in SETTINGS.items()}, size, 3
    )
    priors.fit(latents, labels, 0)
    return priors


@pytest.mark.parametrize("kind", ["global", "frames"])
@pytest.mark.parametrize("name", ["normal", "posterior", "prior"])
def test_each_source_has_the_shape_of_the_decoders_input(name: str, kind: str) -> None:
    vae = build(settings(latent_kind=kind), RATE, LENGTH).train()
    size = vae.latent * (1 if kind == "global" else vae.frames)
    classes = class_weights(np.array([0, 3, -1, 0, 3]))
    latents = build_latent_source(name, (separated_priors(size), "mixture"))(vae, torch.randn(5, LENGTH), classes)
    assert latents.numel() == 5 * size and not latents.requires_grad
    assert vae.decode(latents, classes).wave.shape == (5, LENGTH)


def test_each_latent_is_sampled_from_its_own_class() -> None:
    vae = build(settings(), RATE, LENGTH)
    source = build_latent_source("prior", (separated_priors(vae.latent), "mixture"))
    classes = class_weights(np.array([0, 3, 0, 3, 3]))
    torch.manual_seed(1)
    latents = source(vae, torch.zeros(5, LENGTH), classes)
    assert (latents.mean(dim=1).sign() == torch.tensor([1, -1, 1, -1, -1])).all()
    torch.manual_seed(1)
    assert torch.equal(source(vae, torch.zeros(5, LENGTH), classes), latents)
    assert not torch.equal(source(vae, torch.zeros(5, LENGTH), classes), latents)
    # Without a class, latents are sampled from all classes.
    unlabelled = source(vae, torch.zeros(60, LENGTH), class_weights(np.full(60, -1)))
    assert 0.2 < (unlabelled.mean(dim=1) > 0).float().mean() < 0.8


def test_a_missing_prior_raises_an_error() -> None:
    with pytest.raises(UserError, match=r"name it in priors\.vaes"):
        build_latent_source("prior")
