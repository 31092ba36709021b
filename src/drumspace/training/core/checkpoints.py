"""Checkpoints of a running training, keyed by a fingerprint of everything it depends on."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from drumspace.io.atomic import atomic_path
from drumspace.io.source_digest import source_digest


def fingerprint(modules: Iterable[str], **parts: Any) -> str:
    """Key of a training or of another cached computation: 32 hexadecimal digits of a SHA-256.

    modules: dotted names of the modules that compute, plug-ins in use included; the source of all that they import
    counts, whether it is loaded yet or not. parts: anything JSON holds (settings, seeds, digests of data), each figure
    exact.
    """
    text = json.dumps({**parts, "code": source_digest(modules)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Checkpoints:
    """The last checkpoint of one training: `folder`/<fingerprint>/last.pt, outside of all outputs of DVC."""

    def __init__(self, folder: Path, key: str) -> None:
        """`key` is the training's fingerprint."""
        self.path = folder / key / "last.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Replace the checkpoint by `state` (tensors, numbers, text, lists and dicts of them), atomically."""
        with atomic_path(self.path) as temporary:
            torch.save(state, temporary)

    def load(self) -> dict[str, Any] | None:
        """The checkpoint, on the CPU, or None where there is none."""
        if not self.path.exists():
            return None
        return torch.load(self.path, map_location="cpu", weights_only=True)

    def clear(self) -> None:
        """Remove the checkpoint: the training has finished and its result is written."""
        shutil.rmtree(self.path.parent, ignore_errors=True)
