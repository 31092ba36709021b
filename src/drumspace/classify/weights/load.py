"""Load a verified file of weights: only its tensors, without running any code in it."""

import _codecs
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from drumspace.classify.weights.find import Rejected, check
from drumspace.classify.weights.table import Row

# Types of numpy values that old checkpoints hold beside their tensors; none of them runs code of the file.
HARMLESS: list[Any] = [
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),  # type: ignore[attr-defined]
    np.dtype,
    type(np.dtype("int64")),
    _codecs.encode,
]


def load_state(path: Path, row: Row, sha256: str) -> dict[str, Tensor]:
    """State dict in the file at `path`, verified first. Raises Rejected."""
    check(path, row, sha256)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with torch.serialization.safe_globals(HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError) as error:
        raise Rejected(f"{row.file} does not hold tensors alone: {str(error).splitlines()[0]}") from error
    state = content if row.inside is None else content[row.inside]
    return {key: value for key, value in state.items() if isinstance(value, Tensor)}
