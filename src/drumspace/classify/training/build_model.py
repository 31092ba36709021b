"""Build a classifier before its training: random weights from a seed, or published ones in its trunk."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.weights.find import Rejected, cached
from drumspace.classify.weights.load import load_state
from drumspace.classify.weights.table import row_of
from drumspace.errors import UserError
from drumspace.io.settings import Params
from drumspace.taxonomy import CLASSES


def build_model(
    name: str, settings: Params, audio: AudioParams, seed: int, manifest: dict[str, Any], weights: Path, rejects: bool
) -> nn.Module:
    """Build the model `name` with random weights from `seed`; its trunk gets the published weights of `manifest`.

    manifest: content of models/weights/<name>.json; weights: folder that the weights stage fills; rejects: add the
    output of rejection. Raises UserError if the file of weights is missing or has changed.
    """
    torch.manual_seed(seed)
    model = registry.build(name, settings, audio.sample_rate, audio.num_samples, len(CLASSES) + rejects)
    row = row_of(name)
    if manifest["weights"] not in ("random", "absent") and row and isinstance(model, Network):
        path = cached(row, weights)
        if not path.is_file():
            raise UserError(f"{path} is missing: `make weights` fetches it again.")
        try:
            model.trunk.load_pretrained(load_state(path, row, manifest["sha256"]))
        except (Rejected, ValueError) as error:
            raise UserError(f"{path} can't be used for {name}: {error}. Move it away and run `make weights`.") from None
    return model
