"""What a trained network hears in sounds that are in no catalogue: its embedding of each, and its answer."""

import numpy as np
import torch
from scipy.special import softmax

from drumspace.classify.inference.trained_model import TrainedModel
from drumspace.classify.networks.network import Network
from drumspace.training.core.precision import autocast, device

BATCH = 64


def hear(model: TrainedModel, waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 [n, num_samples] in [-1, 1] → embedding [n, d], calibrated probabilities [n, classes].

    Frames that a network gives one by one are averaged.
    """
    network = model.module
    if not isinstance(network, Network):
        raise TypeError(f"{type(network).__name__} has no embedding")
    place, points, scores = device(), [], []
    network.eval()
    with torch.inference_mode(), autocast(place):
        for begin in range(0, len(waves), BATCH):
            embedded = network.embed(torch.from_numpy(waves[begin : begin + BATCH]).to(place))
            scores.append(network.head(embedded).float().cpu().numpy())
            points.append((embedded if embedded.dim() == 2 else embedded.mean(dim=1)).float().cpu().numpy())
    return np.concatenate(points), softmax(np.concatenate(scores) / model.temperature, axis=1)
