"""A support vector machine on pooled log-mel and MFCC, the baseline of the comparison.

scikit-learn fits it; its parameters are kept as tensors, so that it is saved, moved and exported like a network.
"""

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from tqdm import tqdm

from drumspace.audio.spectral.settings import MelParams
from drumspace.audio.spectral.transforms import cepstrum, mel_spectrogram
from drumspace.classify.networks.front_end import full_precision
from drumspace.classify.networks.network import Network
from drumspace.classify.networks.trunk import Trunk
from drumspace.classify.training.settings import ModelSettings

ABSENT_LOGIT = -1e3
"""Logit of a class without training clips."""


class Settings(ModelSettings):
    """Settings classify.models.svm of params.yaml."""

    mel: MelParams
    n_mfcc: int = Field(ge=2)
    segments: int = Field(ge=1, le=64)
    """Segments in time. Their lengths grow geometrically, as the spectrum of a drum changes fastest at its onset."""
    components: int = Field(ge=1)
    """Principal components kept before the kernel."""
    c: float = Field(gt=0)
    """Penalty of the support vector machine."""


def segment_edges(frames: int, segments: int) -> list[int]:
    """Frame numbers [segments + 1] from 0 to `frames`, with steps that grow geometrically, each at least 1."""
    segments = min(segments, frames)
    growth = 1.0
    # Bisection for the growth factor with which the steps, the first of one frame, sum to `frames`.
    low, high = 1.0, float(frames)
    for _ in range(60):
        growth = (low + high) / 2
        total = segments if growth == 1 else (growth**segments - 1) / (growth - 1)
        low, high = (growth, high) if total < frames else (low, growth)
    edges = np.round(np.cumsum([0.0, *growth ** np.arange(segments)])).astype(int)
    edges[-1] = frames
    return [int(edge) for edge in np.maximum(edges, np.arange(segments + 1))]


class PooledTrunk(Trunk):
    """wave → log-mel and MFCC → means over segments, standard deviation, flux. It has no trained parameters."""

    def __init__(self, settings: Settings, sample_rate: int, num_samples: int) -> None:
        """Choose segments for waves of `num_samples` samples at `sample_rate` (Hz)."""
        super().__init__()
        self.mel, self.n_mfcc, self.sample_rate = settings.mel, settings.n_mfcc, sample_rate
        self.edges = segment_edges(1 + num_samples // settings.mel.hop_length, settings.segments)
        rows = settings.mel.n_mels + settings.n_mfcc
        self.features = rows * (len(self.edges) - 1) + rows + settings.mel.n_mels

    def forward(self, wave: Tensor) -> Tensor:
        """[B, T] → [B, (n_mels + n_mfcc) · segments + 2 n_mels + n_mfcc]."""
        # The clip's peak is 0 dB: the recording level carries no information about the class.
        with full_precision(wave):
            mel = mel_spectrogram(wave.float(), self.sample_rate, self.mel)
            mel = mel - mel.amax(dim=(1, 2), keepdim=True)
            coefficients = cepstrum(mel, self.n_mfcc)
        pooled = [
            values[..., start:stop].mean(-1)
            for values in (mel, coefficients)
            for start, stop in zip(self.edges[:-1], self.edges[1:], strict=True)
        ]
        flux = mel.diff(dim=-1).abs().mean(-1)
        return torch.cat([*pooled, mel.std(-1), coefficients.std(-1), flux], dim=1)


class KernelMachine(nn.Module):
    """Support vector machine: features → standardised → principal components → RBF kernel → one score a class."""

    mean: Tensor
    projection: Tensor
    support: Tensor
    weights: Tensor
    bias: Tensor
    gamma: Tensor

    def __init__(self, settings: Settings, n_outputs: int) -> None:
        """Create empty buffers; `fit` or `load_state_dict` fills them."""
        super().__init__()
        self.settings, self.n_outputs = settings, n_outputs
        for name in ("mean", "projection", "support", "weights", "bias", "gamma"):
            self.register_buffer(name, torch.zeros(0))

    def forward(self, features: Tensor) -> Tensor:
        """[B, features] → scores [B, n_outputs]: the one-against-rest decision functions."""
        # Distances in bf16 are too coarse: the decision function would differ from the fitted one.
        with full_precision(features):
            points = (features.float() - self.mean) @ self.projection
            kernel = torch.exp(-self.gamma * torch.cdist(points, self.support).square())
            return kernel @ self.weights + self.bias

    def fit(self, features: Tensor, labels: Tensor) -> None:
        """Fit to float [n, features] and class indices [n]; classes weighted inversely to their number of clips.

        Label -1, for none of the classes: only the last machine, which tells these clips from all others, learns from
        them. The classes' machines are the same with and without them.
        """
        from sklearn.decomposition import PCA
        from sklearn.preprocessing import StandardScaler
        from sklearn.svm import SVC

        device = self.mean.device
        target = labels.cpu().numpy()
        values = features.cpu().double().numpy()
        in_class = target >= 0
        scaler = StandardScaler().fit(values[in_class])
        scaled = scaler.transform(values)
        components = min(self.settings.components, *scaled[in_class].shape)
        pca = PCA(components, svd_solver="full").fit(scaled[in_class])
        points = pca.transform(scaled)
        gamma = 1.0 / (points.shape[1] * points[in_class].var())
        weights = np.zeros((len(points), self.n_outputs))
        bias = np.full(self.n_outputs, ABSENT_LOGIT)
        for index in tqdm(np.unique(target), desc="svm classes"):
            rows = np.flatnonzero(in_class) if index >= 0 else np.arange(len(target))
            machine = SVC(C=self.settings.c, gamma=gamma, class_weight="balanced")
            machine.fit(points[rows], target[rows] == index)
            weights[rows[machine.support_], index] = machine.dual_coef_[0]  # -1: the last output
            bias[index] = machine.intercept_[0]
        support = np.any(weights != 0, axis=1)
        fitted = {
            "mean": scaler.mean_ + pca.mean_ * scaler.scale_,
            "projection": pca.components_.T / scaler.scale_[:, None],
            "support": points[support],
            "weights": weights[support],
            "bias": bias,
            "gamma": np.array(gamma),
        }
        for name, value in fitted.items():
            setattr(self, name, torch.from_numpy(np.ascontiguousarray(value)).float().to(device))

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *args: object) -> None:
        # The number of support vectors is known only after fitting.
        for name in ("mean", "projection", "support", "weights", "bias", "gamma"):
            setattr(self, name, torch.empty_like(state[prefix + name]))
        super()._load_from_state_dict(state, prefix, *args)  # type: ignore[arg-type]


def build(settings: Settings, sample_rate: int, num_samples: int, n_outputs: int) -> Network:
    """Build the untrained model; see networks.registry.build."""
    return Network(PooledTrunk(settings, sample_rate, num_samples), KernelMachine(settings, n_outputs), "head")
