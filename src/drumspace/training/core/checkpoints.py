"""Checkpoints of a running training, keyed by a fingerprint of all that it depends on."""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch

from drumspace.io.atomic import atomic_path


def code_digest() -> str:
    """SHA-256 over the source of every loaded module of this package: other code is another training."""
    digest = hashlib.sha256()
    for name in sorted(module for module in sys.modules if module.split(".")[0] == "drumspace"):
        source = getattr(sys.modules[name], "__file__", None)
        if source:
            digest.update(name.encode() + b"\0" + Path(source).read_bytes())
    return digest.hexdigest()


def fingerprint(**parts: Any) -> str:
    """SHA-256 over `parts` (anything JSON holds: params, seeds, digests of data), each figure exact, and the code."""
    text = json.dumps({**parts, "code": code_digest()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Checkpoints:
    """The last checkpoint of one training: `folder`/<fingerprint>/last.pt, outside of every output of DVC."""

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
        """Remove the checkpoint: the training has ended and its result is written."""
        shutil.rmtree(self.path.parent, ignore_errors=True)
