"""The model summary lists every layer of a VAE, read from the model."""

import math
import re
from typing import Any

import pytest
import torch
from torch import nn

from drumspace.synth.evaluation.model_summary import PARTS, summarize_model
from drumspace.synth.models.vae.build_vae import build
from drumspace.synth.models.vae.vae import Vae
from drumspace.synth.sampling.trained_vae import TrainedVae
from small_vae import LATENT, LENGTH, RATE, settings

MODELS: dict[str, dict[str, Any]] = {
    "istft": {},
    "frames": {"latent_kind": "frames"},
    "sing": {"architecture": "sing", "network": {"width": 16, "features": 8}},
}
EXPECTED = {
    "istft": {
        "encoder": ["layers.0", "layers.3", "layers.6", "layers.9"],
        "to_posterior": ["1", "principal"],
        "from_latent": ["0"],
        "decoder": [
            "input_layer", "positions", "stages.0", "stages.1", "stages.2", "stages.3", "output_layer.0", "magnitude",
            "spectral_peaks", "attack", "noise_ratio",
        ],
    },
    "sing": {
        "encoder": ["filters", "layers.1", "layers.3", "layers.5"],
        "to_posterior": ["1"],
        "from_latent": ["0"],
        "decoder": ["layers.0", "layers.2", "layers.4", "filters"],
    },
}  # fmt: skip


def model(name: str, **changes: Any) -> Vae:
    torch.manual_seed(0)
    return build(settings(**{**MODELS[name], **changes}), RATE, LENGTH).eval()


@pytest.mark.parametrize("name", EXPECTED)
def test_layers_come_in_the_order_of_the_signal(name: str) -> None:
    layers = summarize_model(model(name), LENGTH)
    parts: dict[str, list[str]] = {}
    for layer in layers:
        parts.setdefault(layer["part"], []).append(layer["name"])
    assert list(parts) == list(PARTS) and parts == EXPECTED[name]


@pytest.mark.parametrize("name", MODELS)
def test_every_weight_is_in_one_layer(name: str) -> None:
    vae = model(name)
    # Except the class embedding, and normalisation layers between layers.
    inside = {id(norm) for module in vae.modules() if type(module).__name__ == "Residual" for norm in module.modules()}
    norms = [module for module in vae.modules() if isinstance(module, nn.GroupNorm) and id(module) not in inside]
    assert vae.classes is not None and (len(norms) == 5) == (name != "sing")
    excluded = sum(weight.numel() for module in (vae.classes, *norms) for weight in module.parameters())
    total = sum(weight.numel() for weight in vae.parameters())
    assert sum(layer["parameters"] for layer in summarize_model(vae, LENGTH)) == total - excluded


def test_a_layer_has_the_shape_of_its_output() -> None:
    layers = {(layer["part"], layer["name"]): layer for layer in summarize_model(model("istft"), LENGTH)}
    posterior, latent = layers["to_posterior", "1"], layers["from_latent", "0"]
    # Four layers halve bands and frames; a linear layer has as many inputs as its predecessor has outputs.
    frames = 1 + LENGTH // 64
    sizes = [[8, -(-16 // 2**index), -(-frames // 2**index)] for index in (1, 2, 3, 4)]
    assert [layers["encoder", f"layers.{3 * index}"]["shape"] for index in range(4)] == sizes
    assert posterior["kind"] == f"linear {math.prod(sizes[-1])} → {2 * LATENT}" and posterior["shape"] == [2 * LATENT]
    (outputs,) = latent["shape"]
    assert latent["kind"] == f"linear {LATENT + 3} → {outputs}"
    assert (
        outputs == int(re.findall(r"convolution (\d+) →", layers["decoder", "input_layer"]["kind"])[0]) * sizes[-1][-1]
    )
    # 24 channels are 2 time steps × 8 bands and 8 features; each frame has 129 bins.
    assert layers["decoder", "input_layer"]["kind"] == "convolution 24 → 16, kernel 1"
    assert layers["decoder", "magnitude"]["shape"] == [frames, 129]
    assert layers["to_posterior", "principal"]["shape"] == [LATENT]
    assert all(layer["shape"] for key, layer in layers.items() if key != ("decoder", "positions"))


def test_the_summary_follows_the_settings_and_leaves_the_model_unchanged(vae: TrainedVae) -> None:
    wide = summarize_model(model("istft", network={**settings().network, "width": 24}), LENGTH)
    default = summarize_model(model("istft"), LENGTH)
    changed = [one["name"] for one, other in zip(default, wide, strict=True) if one != other]
    assert changed == EXPECTED["istft"]["decoder"]
    # No hooks remain and no weights change.
    state = {name: value.clone() for name, value in vae.module.state_dict().items()}
    assert summarize_model(vae.module, vae.audio.num_samples) == default
    assert not any(module._forward_hooks for module in vae.module.modules())
    assert all(torch.equal(value, state[name]) for name, value in vae.module.state_dict().items())
