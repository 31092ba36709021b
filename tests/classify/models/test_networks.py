"""Properties of every network: gradients, frozen trunks, independence of the batch, input lengths."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.training.settings import NetworkSettings
from drumspace.errors import UserError

ROOT = Path(__file__).parents[3]
RATE, LENGTH = 8000, 8000
NETWORKS = sorted(set(registry.names()) - {"svm"})
Make = Callable[..., NetworkSettings]


def network(settings: Make, name: str, **changes: object) -> Network:
    torch.manual_seed(0)
    model = registry.build(name, settings(name, **changes), RATE, LENGTH, 8)
    assert isinstance(model, Network)
    return model


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_reach_every_parameter(settings: Make, name: str) -> None:
    model = network(settings, name)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d) and not module.weight.any():
            # timm initialises residual branches to zero, which blocks their gradients.
            torch.nn.init.ones_(module.weight)
    model(torch.randn(3, LENGTH)).square().sum().backward()
    for key, parameter in model.named_parameters():
        # PANNs computes the spectrogram by a convolution with fixed Fourier weights.
        if parameter.requires_grad:
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, key
    frozen = {key.split(".")[2] for key, parameter in model.named_parameters() if not parameter.requires_grad}
    assert frozen <= {"spectrogram_extractor", "logmel_extractor"}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_frozen_trunk_gets_no_gradients_and_keeps_its_batch_statistics(settings: Make, name: str) -> None:
    model = network(settings, name, trainable="head").train()
    before = {key: value.clone() for key, value in model.trunk.state_dict().items()}
    model(torch.randn(3, LENGTH)).square().sum().backward()
    trained = {key.split(".")[0] for key, parameter in model.named_parameters() if parameter.grad is not None}
    assert trained == {"head"}
    assert all(torch.equal(value, before[key]) for key, value in model.trunk.state_dict().items())


@pytest.mark.parametrize("name", NETWORKS)
def test_logits_of_a_clip_do_not_depend_on_its_batch_nor_on_its_level(settings: Make, name: str) -> None:
    model = network(settings, name).eval()
    wave = torch.randn(3, LENGTH) * torch.linspace(1, 0, LENGTH) ** 4
    with torch.no_grad():
        alone, together = model(wave[:1]), model(wave)
        torch.testing.assert_close(together[:1], alone, atol=2e-4, rtol=1e-3)
        if not name.startswith("cnn14"):  # PANNs depend on level; all clips of the pipeline have the same
            torch.testing.assert_close(model(wave * 0.3), together, atol=5e-3, rtol=1e-2)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("length", [2000, 9001])
def test_any_length_is_accepted(settings: Make, name: str, length: int) -> None:
    model = network(settings, name).eval()
    time = torch.arange(length) / RATE
    wave = torch.stack([torch.sin(2 * torch.pi * 300 * time), torch.randn(length)]) * torch.exp(-8 * time)
    with torch.no_grad():
        logits, swapped = model(wave), model(wave.flip(0))
    assert logits.shape == (2, 8) and torch.isfinite(logits).all()
    # Each sound has its own logits, whatever its position in the batch. Untrained networks differ little between sounds
    # (aisfx_cnn9 by 0.00007), but not at all between positions.
    torch.testing.assert_close(swapped, logits.flip(0), atol=2e-4, rtol=1e-3)
    assert (swapped.flip(0) - logits).abs().max() < 0.1 * (logits[0] - logits[1]).abs().max()


def test_the_error_of_an_unknown_name_lists_the_models() -> None:
    with pytest.raises(UserError, match=r"`cnn15` is no model; .*aisfx_cnn9, cnn14, cnn14_dla"):
        registry.settings_type("cnn15")
