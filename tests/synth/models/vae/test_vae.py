"""Sampling layer, KL and class conditioning of a VAE."""

from typing import Literal

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from drumspace.synth.models.architectures import sing
from drumspace.synth.models.architectures.sing import num_frames
from drumspace.synth.models.vae.vae import LOG_VARIANCE, Posterior, Vae

LENGTH = 2048


def vae(kind: Literal["global", "frames"] = "global", classes: int = 3) -> Vae:
    torch.manual_seed(0)
    return Vae(sing.build(sing.Settings(width=8, features=6), 8000, LENGTH), kind, 4, classes, 5)


@pytest.mark.parametrize(("kind", "shape"), [("global", (2, 4)), ("frames", (2, 4, num_frames(LENGTH)))])
@pytest.mark.parametrize("classes", [0, 3])
def test_waves_are_encoded_and_decoded_with_the_same_shape(
    kind: Literal["global", "frames"], shape: tuple[int, ...], classes: int
) -> None:
    model, sounds = vae(kind, classes), torch.randn(2, LENGTH)
    posterior = model.encode(sounds)
    assert posterior.mean.shape == posterior.log_variance.shape == shape
    wave = model.decode(posterior.mean).wave
    assert wave.shape == (2, LENGTH) and posterior.kl().shape == (2, 4)
    # Each sound is encoded and decoded by itself, and different sounds have different latents and outputs.
    alone = model.encode(sounds[1:])
    torch.testing.assert_close(alone.mean, posterior.mean[1:], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(model.decode(alone.mean).wave, wave[1:], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(posterior.mean[0], posterior.mean[1], atol=1e-4)
    assert not torch.allclose(wave[0], wave[1], atol=1e-5)


def test_initial_posteriors_are_narrow() -> None:
    assert vae().encode(torch.zeros(1, LENGTH)).log_variance.mean().item() == pytest.approx(LOG_VARIANCE, abs=0.5)


def test_kl_equals_that_of_torch_distributions() -> None:
    mean, log_variance = torch.randn(3, 4), torch.randn(3, 4)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(Posterior(mean, log_variance).kl(), expected)
    posterior = Posterior(mean.unsqueeze(2).expand(-1, -1, 7), log_variance.unsqueeze(2).expand(-1, -1, 7))
    torch.testing.assert_close(posterior.kl(), 7 * expected)


def test_samples_have_the_mean_and_variance_of_the_posterior() -> None:
    torch.manual_seed(1)
    samples = Posterior(torch.full((20000, 1), 2.0), torch.full((20000, 1), -1.0)).sample()
    assert samples.mean().item() == pytest.approx(2, abs=0.02)
    assert samples.var().log().item() == pytest.approx(-1, abs=0.05)


def test_the_last_class_input_means_no_class_and_mixtures_are_interpolated() -> None:
    model, latent = vae(), torch.randn(1, 4)
    no_class = torch.tensor([[0.0, 0, 0, 1]])
    assert torch.equal(model.decode(latent).wave, model.decode(latent, no_class).wave)
    first, second = torch.eye(4)[:1], torch.eye(4)[1:2]
    assert not torch.equal(model.decode(latent, first).wave, model.decode(latent, second).wave)
    assert model.classes is not None
    torch.testing.assert_close(
        model.classes(0.5 * first + 0.5 * second), 0.5 * (model.classes(first) + model.classes(second))
    )


def test_an_unconditional_vae_ignores_class_weights() -> None:
    model, latent = vae(classes=0), torch.randn(1, 4)
    assert torch.equal(model.decode(latent).wave, model.decode(latent, torch.eye(4)[:1]).wave)
