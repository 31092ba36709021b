"""Properties of every discriminator, and of sets of them."""

from typing import Any

import pytest
import torch
from torch import nn

from drumspace.errors import UserError
from drumspace.synth.losses.adversarial import feature_distance
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet, names

SAMPLES = 2048
SETTINGS: dict[str, dict[str, Any]] = {
    "wavegan": {"width": 2, "layers": 3, "phase_shuffle": 2},
    "multi_scale": {"width": 4, "scales": 2},
    "multi_period": {"width": 1, "periods": [2, 3]},
    "multi_resolution_stft": {"width": 2, "resolutions": [[256, 64], [512, 128]], "view": "complex", "mel_bands": 20},
}


def build_conditional(classes: int = 0) -> DiscriminatorSet:
    torch.manual_seed(0)
    return DiscriminatorSet(SETTINGS, SAMPLES, 44100, classes)


def test_every_file_is_a_discriminator() -> None:
    assert names() == sorted(SETTINGS)


@pytest.mark.parametrize("members", [["wavegan"], ["multi_scale", "multi_period"], list(SETTINGS)])
def test_any_set_gives_the_outputs_of_its_members(members: list[str]) -> None:
    discriminators = DiscriminatorSet({name: SETTINGS[name] for name in members}, SAMPLES, 44100)
    counts = {"wavegan": 1, "multi_scale": 2, "multi_period": 2, "multi_resolution_stft": 2}
    assert len(discriminators(torch.randn(3, SAMPLES))) == sum(counts[name] for name in members)


@pytest.mark.parametrize("name", list(SETTINGS))
def test_features_of_real_and_generated_sounds_are_aligned(name: str) -> None:
    discriminator = DiscriminatorSet({name: SETTINGS[name]}, SAMPLES, 44100).eval()
    real = torch.randn(3, SAMPLES)
    first, second = discriminator(real), discriminator(torch.randn(3, SAMPLES))
    for a, b in zip(first, second, strict=True):
        assert a.logits.shape == b.logits.shape
        assert a.logits.shape[1] > 1, "patches have a score each"
        assert [feature.shape for feature in a.feature_maps] == [feature.shape for feature in b.feature_maps]
    assert feature_distance(first, discriminator(real)).tolist() == [0, 0, 0]
    assert bool((feature_distance(first, second) > 0).all())


@pytest.mark.parametrize("name", list(SETTINGS))
def test_layers_have_the_published_slopes_and_weight_norms(name: str) -> None:
    discriminator = DiscriminatorSet({name: SETTINGS[name]}, SAMPLES, 44100).eval()
    layers = [layer for layer in discriminator.modules() if isinstance(layer, nn.Conv1d | nn.Conv2d)]
    normed = [nn.utils.parametrize.is_parametrized(layer, "weight") for layer in layers]
    assert not any(normed) if name == "wavegan" else all(normed)
    before: list[torch.Tensor] = []
    layers[0].register_forward_hook(lambda layer, inputs, output: before.append(output))
    after = discriminator(torch.randn(2, SAMPLES))[0].feature_maps[0]
    slope = 0.1 if name == "multi_period" else 0.2
    torch.testing.assert_close(after, torch.where(before[0] > 0, before[0], slope * before[0]))


@pytest.mark.parametrize("name", list(SETTINGS))
def test_gradients_reach_every_weight_and_the_wave_if_requested(name: str) -> None:
    discriminator = DiscriminatorSet({name: SETTINGS[name]}, SAMPLES, 44100)
    wave = torch.randn(2, SAMPLES, requires_grad=True)
    torch.stack([output.logits.square().mean() for output in discriminator(wave)]).sum().backward()
    assert wave.grad is not None and bool((wave.grad.abs().amax(dim=1) > 0).all())
    for parameter_name, weight in discriminator.named_parameters():
        assert weight.grad is not None and weight.grad.abs().max() > 0, parameter_name


@pytest.mark.parametrize("name", list(SETTINGS))
def test_frozen_weights_pass_gradients_to_the_generator(name: str) -> None:
    discriminator, generator = (
        DiscriminatorSet({name: SETTINGS[name]}, SAMPLES, 44100).requires_grad_(False),
        nn.Linear(4, SAMPLES),
    )
    torch.stack([output.logits.mean() for output in discriminator(generator(torch.randn(2, 4)))]).sum().backward()
    assert generator.weight.grad is not None and bool(generator.weight.grad.any())
    assert all(weight.grad is None for weight in discriminator.parameters())


@pytest.mark.parametrize("name", list(SETTINGS))
def test_scores_do_not_depend_on_other_sounds_of_the_batch(name: str) -> None:
    discriminator = DiscriminatorSet({name: SETTINGS[name]}, SAMPLES, 44100).eval()
    wave = torch.randn(4, SAMPLES)
    for batched, single in zip(discriminator(wave), discriminator(wave[2:3]), strict=True):
        torch.testing.assert_close(batched.logits[2:3], single.logits, rtol=1e-4, atol=1e-5)


def test_a_class_head_starts_at_zero_and_is_trained() -> None:
    wave, classes = torch.randn(4, SAMPLES), torch.eye(9)[[0, 3, 3, 8]]
    conditional = build_conditional(8).eval()
    before = conditional(wave, classes)
    for first, second in zip(before, conditional(wave, classes.flip(0)), strict=True):
        assert torch.equal(first.logits, second.logits)
    torch.stack([output.logits[0].mean() for output in before]).sum().backward()
    for name, weight in conditional.named_parameters():
        if name.endswith("head.embedding.weight"):
            assert weight.grad is not None
            assert bool((weight.grad[:, 0] != 0).any()) and not weight.grad[:, 1:].any()
            weight.data += 0.1 * torch.randn_like(weight)
    for first, second in zip(conditional(wave, classes), conditional(wave, classes.flip(0)), strict=True):
        assert not torch.equal(first.logits, second.logits)
    with pytest.raises(ValueError, match="needs class weights"):
        conditional(wave)


def test_unknown_names_and_empty_sets_raise_errors() -> None:
    with pytest.raises(
        UserError, match=r"`patchgan` is no discriminator; .* can name multi_period, multi_resolution_stft"
    ):
        DiscriminatorSet({"patchgan": {}}, SAMPLES, 44100)
    with pytest.raises(UserError, match="no discriminator is named"):
        DiscriminatorSet({}, SAMPLES, 44100)


@pytest.mark.parametrize("name", list(SETTINGS))
def test_a_second_derivative_exists(name: str) -> None:
    discriminator = DiscriminatorSet({name: SETTINGS[name]}, SAMPLES, 44100)
    wave = torch.randn(2, SAMPLES, requires_grad=True)
    scores = torch.stack([output.logits.mean() for output in discriminator(wave)]).sum()
    (gradient,) = torch.autograd.grad(scores, wave, create_graph=True)
    gradient.norm(dim=1).square().mean().backward()
    assert any(weight.grad is not None and bool(weight.grad.any()) for weight in discriminator.parameters())
