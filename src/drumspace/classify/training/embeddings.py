"""Embeddings of clips by a network's trunk, and their cache."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.networks.network import Network
from drumspace.io.atomic import atomic_path
from drumspace.io.settings import Params
from drumspace.training.core.checkpoints import fingerprint
from drumspace.training.core.precision import autocast, device

Pcm = Callable[[np.ndarray], np.ndarray]
"""Row numbers [n] → int16 [n, num_samples], such as `Clips.__getitem__`."""


def embed(network: Network, pcm: Pcm, rows: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """Embeddings of these rows of `pcm` by the network's trunk, float32 [len(rows), …]; moves it to its device."""
    network.eval()
    target = device()
    network.to(target)
    parts = []
    with torch.inference_mode(), autocast(target):
        for start in tqdm(range(0, len(rows), batch_size), desc="embeddings", unit="batch"):
            wave = to_wave(pcm(rows[start : start + batch_size])).to(target)
            parts.append(network.embed(wave).float().cpu().numpy())
    return np.concatenate(parts)


def cached_embeddings(
    network: Network, settings: Params, pcm: Pcm, rows: np.ndarray, clips_digest: str, folder: Path
) -> np.ndarray:
    """Result of `embed`, read from `folder` if it has been computed before.

    The cache key covers the trunk's tensors, layers, settings and code, the rows, and the digest of the clips.
    """
    state = hashlib.sha256()
    for name, tensor in network.trunk.state_dict().items():
        state.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    key = fingerprint(
        [type(network.trunk).__module__, __name__],
        trunk=repr(network.trunk),
        settings=settings.model_dump(exclude={"splits", "folds", "dropout", "training"}),
        state=state.hexdigest(),
        rows=hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest(),
        clips=clips_digest,
    )
    path = folder / f"{key}.npy"
    if not path.exists():
        values = embed(network, pcm, rows)
        with atomic_path(path) as temporary, temporary.open("wb") as handle:
            np.save(handle, values)
    return np.asarray(np.load(path, mmap_mode="r"))
