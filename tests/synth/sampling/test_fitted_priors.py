"""Fitted priors sample latents from the distribution of their training latents."""

from typing import Any

import pytest
import torch

from drumspace.errors import UserError
from drumspace.synth.sampling import prior_registry
from drumspace.synth.sampling.fitted_priors import FittedPriors

SETTINGS: dict[str, dict[str, Any]] = {
    "normal": {}, "mixture": {"components": 2, "samples_per_component": 10, "regularisation": 0.001},
}  # fmt: skip


def fitted() -> tuple[FittedPriors, torch.Tensor, torch.Tensor]:
    """Priors fitted to 5-dimensional latents: class 0 around 4, class 3 around -4."""
    labels = torch.tensor([0, 3]).repeat_interleave(200)
    latents = torch.randn(400, 5, generator=torch.Generator().manual_seed(0)) + 4 * (1 - 2 * (labels == 3))[:, None]
    settings = {name: prior_registry.settings_type(name).model_validate(values) for name, values in SETTINGS.items()}
    priors = FittedPriors(settings, 5, 3)
    priors.fit(latents, labels, 0)
    return priors, latents, labels


@pytest.mark.parametrize(("index", "middle"), [(0, 4), (3, -4)])
def test_samples_of_a_class_lie_near_its_sounds(index: int, middle: int) -> None:
    priors, _, _ = fitted()
    samples = priors.sample("mixture", index, 500, torch.Generator().manual_seed(1))
    assert samples.shape == (500, 5)
    torch.testing.assert_close(samples.mean(dim=0), torch.full((5,), float(middle)), atol=0.4, rtol=0)


def test_the_standard_normal_prior_ignores_the_labels() -> None:
    samples = fitted()[0].sample("normal", 0, 2000, torch.Generator().manual_seed(1))
    torch.testing.assert_close(samples.mean(dim=0), torch.zeros(5), atol=0.1, rtol=0)


def test_one_seed_gives_the_same_latents() -> None:
    priors, _, _ = fitted()
    first, second, third = (priors.sample("mixture", 0, 4, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second) and not torch.equal(first, third)


def test_an_unknown_prior_is_reported_with_the_available_ones() -> None:
    with pytest.raises(UserError, match=r"no prior `guess`.*normal, mixture"):
        fitted()[0].sample("guess", 0, 1, torch.Generator())
