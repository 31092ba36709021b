"""Model summary: the layers of a VAE in the order of the signal, with output shapes and numbers of parameters."""

from typing import Any

import torch
from torch import Tensor, nn

from drumspace.synth.dsp.coarse_spectrum import PcaInit
from drumspace.synth.models.vae.vae import Vae

PARTS = ("encoder", "to_posterior", "from_latent", "decoder")


@torch.no_grad()
def summarize_model(vae: Vae, num_samples: int) -> list[dict[str, Any]]:
    """List the layers in the order of the signal: part, name, kind, output shape of one clip, parameters.

    A layer is a direct child of a part, or an item of a list or sequence that is one. Modules without parameters
    (windows, activations) are counted with the layer before them. Parameters that a part uses without calling their
    module (the windowed filters of SING) are a layer with an empty shape, after the preceding layer of the part.
    """
    layers: list[dict[str, Any]] = []
    handles = []

    def describe(part: str, name: str, layer: nn.Module, shape: list[int]) -> dict[str, Any]:
        parameters = sum(p.numel() for p in layer.parameters())
        return {"part": part, "name": name, "kind": describe_layer(layer), "shape": shape, "parameters": parameters}

    def register(part: str, name: str, module: nn.Module) -> None:
        def record(layer: nn.Module, inputs: Any, output: Any) -> None:
            layers.append(describe(part, name, layer, list(output.shape[1:]) if isinstance(output, Tensor) else []))

        handles.append(module.register_forward_hook(record))

    modules = {part: weighted_layers(getattr(vae, part)) for part in PARTS}
    for part, named_modules in modules.items():
        for name, module in named_modules:
            register(part, name, module)
        if part == "to_posterior" and vae.pca_init is not None:
            register(part, "principal", vae.pca_init)
    try:
        vae(torch.zeros(1, num_samples, device=next(vae.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    for part, named_modules in modules.items():
        previous: str | None = None
        for name, module in named_modules:
            positions = {(layer["part"], layer["name"]): index for index, layer in enumerate(layers)}
            if (part, name) not in positions:
                first = next((index for index, layer in enumerate(layers) if layer["part"] == part), len(layers))
                index = first if previous is None else positions[part, previous] + 1
                layers.insert(index, describe(part, name, module, []))
            previous = name
    return layers


def weighted_layers(module: nn.Module, prefix: str = "") -> list[tuple[str, nn.Module]]:
    """Names and modules of the layers with parameters, at most two levels deep."""
    if not list(module.children()):
        return [(prefix or type(module).__name__, module)] if list(module.parameters()) else []
    layers: list[tuple[str, nn.Module]] = []
    for name, child in module.named_children():
        title = f"{prefix}.{name}" if prefix else name
        if isinstance(child, nn.Sequential | nn.ModuleList) and not prefix:
            layers += weighted_layers(child, title)
        elif list(child.parameters()) and not isinstance(child, nn.GroupNorm):
            layers.append((title, child))
    return layers


def describe_layer(module: nn.Module) -> str:
    """Describe a layer in words, such as `convolution 192 → 513, kernel 3, stride 2`."""
    if isinstance(module, PcaInit):
        return (
            f"principal components of {module.coarse_spectrum.channels} × {module.coarse_spectrum.frames} levels, added"
        )
    if isinstance(module, nn.ParameterList):
        return "positional biases, added"
    if isinstance(module, nn.Linear):
        return f"linear {module.in_features} → {module.out_features}"
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d):
        kernel = " × ".join(str(size) for size in module.kernel_size)
        stride = "" if max(module.stride) == 1 else f", stride {module.stride[0]}"
        kind = "transposed convolution" if isinstance(module, nn.ConvTranspose1d) else "convolution"
        return f"{kind} {module.in_channels} → {module.out_channels}, kernel {kernel}{stride}"
    inner = [type(child).__name__ for child in module.modules() if isinstance(child, nn.Conv1d | nn.Conv2d)]
    return f"{len(inner)} convolutions with shortcuts" if inner else type(module).__name__.lower()
