"""Predictions of a stream of sounds: batches run in parallel, while more sounds are decoded."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import joblib
import numpy as np
import torch

from drumspace.classify.inference.labeller import Labeller, Prediction
from drumspace.dataset.ingest.parallel import batched, map_ahead

Key = TypeVar("Key")
BATCH = 32
"""Sounds per batch. With more, the activations do not fit into the processor's cache: a quarter slower."""
MAX_THREADS = 8
"""Each thread holds the activations of a batch."""


def label_batches(
    labeller: Labeller, sounds: Iterable[tuple[Key, np.ndarray | None]]
) -> Iterator[tuple[Key, Prediction | None]]:
    """Yield key and prediction for (key, int16 PCM) pairs in their order; None for None.

    A few batches are in memory at a time. Each runs in one thread: threads that share a batch wait for each other
    whenever a decoder process takes a core from one of them.
    """

    def predict(batch: list[tuple[Key, np.ndarray | None]]) -> list[tuple[Key, Prediction | None]]:
        clips = [pcm for _, pcm in batch if pcm is not None]
        padded = np.zeros((len(clips), labeller.audio.num_samples), np.int16)
        for row, pcm in zip(padded, clips, strict=True):
            row[: len(pcm)] = pcm
        predictions = iter(labeller.predictions(padded) if clips else ())
        return [(key, None if pcm is None else next(predictions)) for key, pcm in batch]

    threads = min(joblib.cpu_count(), MAX_THREADS)
    threads_per_batch = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for predictions in map_ahead(pool, predict, batched(sounds, BATCH), 2 * threads):
                yield from predictions
    finally:
        torch.set_num_threads(threads_per_batch)
