"""What a VAE is made of, read from the model itself: for the drawing in the report."""

from typing import Any

import torch
from torch import Tensor, nn

from drumspace.synth.dsp.coarse_spectrum import PcaInit
from drumspace.synth.models.vae.vae import Vae

PARTS = ("encoder", "to_posterior", "from_latent", "decoder")


@torch.no_grad()
def blocks_of(vae: Vae, num_samples: int) -> list[dict[str, Any]]:
    """In the order of the signal: part, name, kind, shape of what comes out of one sound, parameters.

    A block is what a part holds directly, or one of a list or sequence that it holds; what has no weights (windows,
    activations) belongs to the block before it.
    """
    found: list[dict[str, Any]] = []
    handles = []

    def note(part: str, name: str, module: nn.Module) -> None:
        def hook(of: nn.Module, given: Any, out: Any) -> None:
            shape = list(out.shape[1:]) if isinstance(out, Tensor) else []
            parameters = sum(p.numel() for p in of.parameters())
            found.append({"part": part, "name": name, "kind": kind_of(of), "shape": shape, "parameters": parameters})

        handles.append(module.register_forward_hook(hook))

    for part in PARTS:
        for name, module in weighted(getattr(vae, part)):
            note(part, name, module)
        if part == "to_posterior" and vae.principal is not None:
            note(part, "principal", vae.principal)
    try:
        vae(torch.zeros(1, num_samples, device=next(vae.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    return found


def weighted(module: nn.Module, prefix: str = "") -> list[tuple[str, nn.Module]]:
    """Names and modules of the blocks with weights, two levels deep at most."""
    if not list(module.children()):
        return [(prefix or type(module).__name__, module)] if list(module.parameters()) else []
    found: list[tuple[str, nn.Module]] = []
    for name, child in module.named_children():
        title = f"{prefix}.{name}" if prefix else name
        if isinstance(child, nn.Sequential | nn.ModuleList) and not prefix:
            found += weighted(child, title)
        elif list(child.parameters()) and not isinstance(child, nn.GroupNorm):
            found.append((title, child))
    return found


def kind_of(module: nn.Module) -> str:
    """Such as `Conv1d 192 → 513, 1`: what a layer is, how wide, its kernel and stride."""
    if isinstance(module, PcaInit):
        return f"principal components of {module.sketch.channels} × {module.sketch.coarse} levels, added"
    if isinstance(module, nn.Linear):
        return f"linear {module.in_features} → {module.out_features}"
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d):
        kernel = " × ".join(str(size) for size in module.kernel_size)
        stride = "" if max(module.stride) == 1 else f", stride {module.stride[0]}"
        kind = "transposed convolution" if isinstance(module, nn.ConvTranspose1d) else "convolution"
        return f"{kind} {module.in_channels} → {module.out_channels}, kernel {kernel}{stride}"
    inside = [type(child).__name__ for child in module.modules() if isinstance(child, nn.Conv1d | nn.Conv2d)]
    return f"{len(inside)} convolutions with shortcuts" if inside else type(module).__name__.lower()
