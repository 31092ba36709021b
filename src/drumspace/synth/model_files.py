"""Models as stages leave them: a folder with model.safetensors and config.json."""

from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import nn

from drumspace.artifacts import read_json
from drumspace.errors import UserError
from drumspace.training.precision import device


def read_model(folder: Path, module: nn.Module) -> nn.Module:
    """`module` with the weights in `folder`, on its device. Raises UserError where they do not fit."""
    try:
        weights = load_file(folder / "model.safetensors")
    except Exception as error:
        raise UserError(f"{folder}/model.safetensors can't be read: {str(error).splitlines()[0]}") from None
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(
            f"{folder}/model.safetensors is of another architecture than its config.json tells: make it again "
            f"(`make repro`). {str(error).splitlines()[-1].strip()}"
        ) from None
    return module.to(device()).eval()


def read_config(folder: Path) -> dict[str, Any]:
    """The config.json of a model. Raises UserError where there is none."""
    try:
        return dict(read_json(folder / "config.json"))
    except (OSError, ValueError):
        raise UserError(f"{folder} holds no trained model: run `make repro`, or name another folder.") from None
