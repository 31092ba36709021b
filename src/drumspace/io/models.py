"""Trained networks on disk: a folder with model.safetensors and config.json."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from drumspace.errors import UserError
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import read_json, write_json


def save_model(path: Path, module: nn.Module, config: dict[str, Any]) -> None:
    """Write weights and config into the folder `path`, in one step.

    `parameters`, the number of values in parameters and buffers, is added to the config.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    with atomic_folder(path) as folder:
        save_file(tensors, folder / "model.safetensors")
        write_json(folder / "config.json", {**config, "parameters": sum(t.numel() for t in tensors.values())})


def read_model(folder: Path, module: nn.Module, device: torch.device) -> nn.Module:
    """Load the weights in `folder` into `module`; return it on `device` in evaluation mode.

    Raises UserError if there are no weights, or if they do not fit the module.
    """
    try:
        weights = load_file(folder / "model.safetensors")
    except (OSError, SafetensorError) as error:
        raise UserError(f"{folder}/model.safetensors can't be read: {str(error).splitlines()[0]}") from error
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(
            f"{folder}/model.safetensors does not fit the architecture in its config.json: train it again "
            f"(`make repro`). {str(error).splitlines()[-1].strip()}"
        ) from None
    return module.to(device).eval()


def read_config(folder: Path) -> dict[str, Any]:
    """Read the config.json of a model. Raises UserError if there is none."""
    try:
        return dict(read_json(folder / "config.json"))
    except (OSError, ValueError):
        raise UserError(f"{folder} holds no trained model: run `make repro`, or name another folder.") from None
