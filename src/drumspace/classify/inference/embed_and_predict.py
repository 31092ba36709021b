"""Embeddings and class probabilities of sounds that are in no catalogue, by a trained network."""

import numpy as np
import torch

from drumspace.classify.inference.trained_model import TrainedModel
from drumspace.classify.networks.network import Network
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import autocast, device

BATCH = 64


def embed_and_predict(model: TrainedModel, waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings [n, d] and calibrated probabilities [n, classes] of float32 [n, num_samples] in [-1, 1].

    If a network has one vector a frame, the embedding is their mean over frames.
    """
    network = model.module
    if not isinstance(network, Network):
        raise TypeError(f"{type(network).__name__} is not a Network: it has no embedding")
    target, embeddings, scores = device(), [], []
    network.eval()
    with torch.inference_mode(), autocast(target):
        for start in range(0, len(waves), BATCH):
            embedded = network.embed(torch.from_numpy(waves[start : start + BATCH]).to(target))
            scores.append(network.head(embedded).float().cpu().numpy())
            embeddings.append((embedded if embedded.dim() == 2 else embedded.mean(dim=1)).float().cpu().numpy())
    return np.concatenate(embeddings), model.calibration.probabilities(np.concatenate(scores), len(CLASSES)).classes
