"""What a model is trained on and asked about: waves, or the embeddings of its frozen trunk."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from drumspace.audio.spectral.transforms import to_wave
from drumspace.classify.networks.network import Network
from drumspace.classify.training.augment import augment_waves
from drumspace.classify.training.settings import NetworkSettings
from drumspace.io.atomic import atomic_path
from drumspace.io.settings import Params
from drumspace.training.core.checkpoints import fingerprint
from drumspace.training.core.precision import autocast, device

Pcm = Callable[[np.ndarray], np.ndarray]
"""Row numbers [n] → int16 [n, num_samples], such as artifacts.Clips' own indexing."""


@dataclass(frozen=True)
class Examples:
    """A module and its inputs by row number."""

    module: nn.Module
    """The whole model, or the head of one whose trunk is frozen."""
    inputs: Callable[[np.ndarray], Tensor]
    """Row numbers [n] → waves [n, num_samples], or embeddings [n, …]."""
    augment: Callable[[Tensor], Tensor]
    """Changes a training batch; same shape."""


def examples(
    model: nn.Module,
    settings: Params,
    pcm: Pcm,
    rows: np.ndarray,
    sample_rate: int,
    cache: Path,
    clips: str,
) -> Examples:
    """The model on its device with its inputs. Where its trunk is frozen, `rows` are embedded, once.

    rows: every row number that will be asked for; `clips` identifies their content, such as a digest of the
    catalogue's ids; `cache`: folder of embeddings. A frozen trunk hears clips as they are: only mixup applies.
    """
    model.to(device())
    if isinstance(model, Network) and model.trainable == "head":
        values = cached_embeddings(model, settings, pcm, rows, clips, cache)
        place = np.zeros(int(rows.max()) + 1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        return Examples(model.head, lambda asked: torch.from_numpy(values[place[asked]]), lambda batch: batch)
    if not isinstance(settings, NetworkSettings):
        raise TypeError("a model whose trunk is not frozen needs training params")
    augment = partial(augment_waves, sample_rate=sample_rate, params=settings.training.augment)
    return Examples(model, lambda asked: to_wave(pcm(asked)), augment)


def embed(network: Network, pcm: Pcm, rows: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """float32 [len(rows), …]: the trunk's embeddings of these rows of `pcm`; moves the network to its device."""
    network.eval()
    place = device()
    network.to(place)
    parts = []
    with torch.inference_mode(), autocast(place):
        for begin in tqdm(range(0, len(rows), batch_size), desc="embeddings", unit="batch"):
            wave = to_wave(pcm(rows[begin : begin + batch_size])).to(place)
            parts.append(network.embed(wave).float().cpu().numpy())
    return np.concatenate(parts)


def cached_embeddings(
    network: Network, settings: Params, pcm: Pcm, rows: np.ndarray, clips: str, folder: Path
) -> np.ndarray:
    """What `embed` gives, from `folder` where it has been computed before.

    The key covers the trunk's tensors, layers and settings, the rows, `clips` and the code.
    """
    state = hashlib.sha256()
    for name, tensor in network.trunk.state_dict().items():
        state.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    digest = hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()
    settings_ = settings.model_dump(exclude={"splits", "dropout", "training"})
    key = fingerprint(
        [type(network.trunk).__module__, "drumspace.classify.training.examples"],
        trunk=repr(network.trunk), settings=settings_, state=state.hexdigest(), rows=digest, clips=clips,
    )  # fmt: skip
    path = folder / f"{key}.npy"
    if not path.exists():
        values = embed(network, pcm, rows)
        with atomic_path(path) as temporary, temporary.open("wb") as handle:
            np.save(handle, values)
    return np.asarray(np.load(path, mmap_mode="r"))
