"""Priors sample latents with the mean and covariance of each class; one seed gives the same samples."""

from typing import Any

import pytest
import torch
from torch import Tensor

from drumspace.synth.priors import flow, mixture, normal

LATENT, CLASSES, EACH = 3, 2, 400
CENTRES = torch.tensor([[4.0, 0.0, -2.0], [-3.0, 1.0, 0.5]])
MIXTURE = mixture.Settings(components=2, samples_per_component=20, regularisation=1e-4)
FLOW = flow.Settings(
    width=48, layers=2, steps=400, batch_size=256, learning_rate=0.005, num_steps=20, label_dropout=0.2
)


def latents() -> tuple[Tensor, Tensor]:
    """Two correlated clusters, one for each class, and some unlabelled points between them."""
    generator = torch.Generator().manual_seed(0)
    root = torch.tensor([[0.5, 0.0, 0.0], [0.4, 0.3, 0.0], [0.0, 0.0, 0.2]])
    clouds = [centre + torch.randn(EACH, LATENT, generator=generator) @ root.T for centre in CENTRES]
    between = CENTRES.mean(dim=0) + 0.1 * torch.randn(50, LATENT, generator=generator)
    return torch.cat([*clouds, between]), torch.tensor([0] * EACH + [1] * EACH + [-1] * 50)


def fitted(name: str) -> Any:
    torch.manual_seed(0)
    prior: Any = {
        "mixture": lambda: mixture.Prior(MIXTURE, LATENT, CLASSES),
        "flow": lambda: flow.Prior(FLOW, LATENT, CLASSES),
    }[name]()
    prior.fit(*latents(), seed=0)
    return prior


def draw(prior: Any, index: int, seed: int = 1, count: int = 600) -> Tensor:
    return prior.sample(index, count, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", ["mixture", "flow"])
def test_samples_of_a_class_have_its_mean_and_covariance(name: str) -> None:
    prior = fitted(name)
    values, labels = latents()
    for index in range(CLASSES):
        samples, class_values = draw(prior, index), values[labels == index]
        # Over 5 seeds the means differ by 0.06 at most and the deviations by 0.12; of a prior without spread the
        # deviations would differ by 0.5.
        torch.testing.assert_close(samples.mean(dim=0), class_values.mean(dim=0), atol=0.15, rtol=0)
        torch.testing.assert_close(samples.std(dim=0), class_values.std(dim=0), atol=0.2, rtol=0)
    samples_of_all = draw(prior, -1)
    nearest = torch.cdist(samples_of_all, CENTRES).argmin(dim=1)
    # Over these seeds the share is 0.45 to 0.54.
    assert 0.35 < nearest.float().mean() < 0.65


@pytest.mark.parametrize("name", ["mixture", "flow"])
def test_one_seed_gives_the_same_fit_and_samples(name: str) -> None:
    prior = fitted(name)
    assert torch.equal(draw(prior, 0), draw(prior, 0))
    assert not torch.equal(draw(prior, 0), draw(prior, 0, seed=2))
    assert torch.equal(draw(prior, 0), draw(fitted(name), 0))


@pytest.mark.parametrize("count", [3, 30])
def test_a_class_of_few_sounds_has_its_own_mean_and_the_pooled_covariance(count: int) -> None:
    prior = mixture.Prior(MIXTURE, LATENT, CLASSES)
    values, labels = latents()
    rows = torch.cat([torch.nonzero(labels == 0).flatten()[:count], torch.nonzero(labels != 0).flatten()])
    prior.fit(values[rows], labels[rows], seed=0)
    samples = draw(prior, 0, count=4000)
    class_values = values[rows][labels[rows] == 0]
    assert (samples.mean(dim=0) - class_values.mean(dim=0)).abs().max() < 0.2 * values.std()
    # Three sounds span at most a plane, but the samples span the whole space.
    assert torch.linalg.matrix_rank(torch.cov(samples.T), atol=1e-2) == LATENT


def test_a_class_of_one_sound_is_sampled_from_all_sounds() -> None:
    prior = mixture.Prior(MIXTURE, LATENT, CLASSES)
    values, labels = latents()
    rows = torch.cat([torch.nonzero(labels == 0).flatten()[:1], torch.nonzero(labels != 0).flatten()])
    prior.fit(values[rows], labels[rows], seed=0)
    assert torch.equal(draw(prior, 0), draw(prior, -1))


def test_a_fitted_prior_is_restored_from_its_state() -> None:
    for name, restored in (("mixture", mixture.Prior(MIXTURE, LATENT, CLASSES)), ("flow", flow.Prior(FLOW, LATENT, 2))):
        prior = fitted(name)
        restored.load_state_dict(prior.state_dict())
        assert torch.equal(draw(prior, 1), draw(restored.eval(), 1))


def test_the_normal_prior_has_zero_mean_and_unit_variance() -> None:
    samples = draw(normal.Prior(normal.Settings(), LATENT, CLASSES), 0, count=20_000)
    torch.testing.assert_close(samples.mean(dim=0), torch.zeros(LATENT), atol=0.03, rtol=0)
    torch.testing.assert_close(samples.std(dim=0), torch.ones(LATENT), atol=0.03, rtol=0)
