"""A model before training: random weights from a seed, or the published ones that its manifest names."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.weights.find import Refused, cached
from drumspace.classify.weights.load import load_state
from drumspace.classify.weights.table import row_of
from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.taxonomy import CLASSES


def start(
    name: str, settings: Params, audio: AudioParams, seed: int, manifest: dict[str, Any], weights: Path
) -> nn.Module:
    """The model `name` with weights drawn from `seed`, its trunk's from the file that `manifest` names.

    manifest: models/weights/<name>.json; `weights`: the folder of files that the weights stage fills. Raises
    UserError where the file is gone or is not what it was.
    """
    torch.manual_seed(seed)
    model = registry.build(name, settings, audio.sample_rate, audio.num_samples, len(CLASSES))
    row = row_of(name)
    if manifest["weights"] != "random" and row and isinstance(model, Network):
        path = cached(row, weights)
        if not path.is_file():
            raise UserError(f"{path} is gone: `make weights` fetches it again.")
        try:
            model.trunk.load_pretrained(load_state(path, row, manifest["sha256"]))
        except (Refused, ValueError) as error:
            raise UserError(f"{path} can't be used for {name}: {error}. Move it away and run `make weights`.") from None
    return model
