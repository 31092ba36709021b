"""Open a file of weights that has been checked: tensors alone, whatever else it holds."""

import _codecs
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from drumspace.classify.weights.find import Refused, check
from drumspace.classify.weights.table import Row

# Numbers and dtypes of numpy, which old checkpoints hold beside their tensors. None of them runs code of the file.
HARMLESS: list[Any] = [
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),  # type: ignore[attr-defined]
    np.dtype,
    type(np.dtype("int64")),
    _codecs.encode,
]


def load_state(path: Path, row: Row, sha256: str) -> dict[str, Tensor]:
    """The state dict in the file at `path`. Raises Refused before anything in it is run."""
    check(path, row, sha256)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with torch.serialization.safe_globals(HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError) as error:
        raise Refused(f"{row.file} holds more or less than tensors: {str(error).splitlines()[0]}") from error
    state = content if row.inside is None else content[row.inside]
    return {key: value for key, value in state.items() if isinstance(value, Tensor)}
