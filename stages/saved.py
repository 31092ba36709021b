"""A trained network as stages leave it: model.safetensors and config.json in a folder of its own."""

from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from drumspace.artifacts import atomic_folder, write_json


def save_model(path: Path, module: nn.Module, config: dict[str, Any]) -> None:
    """Replace the folder at `path` in one step; its config says how many numbers the network holds, too."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    with atomic_folder(path) as folder:
        save_file(tensors, folder / "model.safetensors")
        write_json(folder / "config.json", {**config, "parameters": sum(t.numel() for t in tensors.values())})
