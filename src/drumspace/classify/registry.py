"""From a model's name to its module, as text: nothing is imported until a model is asked for."""

from importlib import import_module
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.params import Params

MODELS = {
    "aisfx_cnn9": "drumspace.classify.models.aisfx_cnn9",
    "cnn14": "drumspace.classify.models.cnn14",
    "cnn14_dla": "drumspace.classify.models.cnn14_dla",
    "cnn_raw": "drumspace.classify.models.cnn_raw",
    "cnn_raw_spec": "drumspace.classify.models.cnn_raw_spec",
    "cnn_spec": "drumspace.classify.models.cnn_spec",
    "efficientnet_lite0": "drumspace.classify.models.efficientnet_lite0",
    "resnest50": "drumspace.classify.models.resnest50",
    "resnet50": "drumspace.classify.models.resnet50",
    "svm": "drumspace.classify.models.svm",
}


@runtime_checkable
class FittedAtOnce(Protocol):
    """A head that is not trained by gradient: it is fitted to all training clips in one call."""

    def fit(self, features: Tensor, labels: Tensor) -> None:
        """Fit to the trunk's embeddings, float [n, features], and class indices int64 [n]."""


def _module(name: str) -> Any:
    if name not in MODELS:
        raise UserError(f"params.yaml: `{name}` is no model; classify.run can name {', '.join(sorted(MODELS))}.")
    return import_module(MODELS[name])


def settings_type(name: str) -> type[Params]:
    """The model's Settings: the form of classify.models.<name>. Raises UserError for an unknown name."""
    return _module(name).Settings


def build(name: str, settings: Params, sample_rate: int, num_samples: int, n_classes: int) -> nn.Module:
    """A model, untrained: its forward maps float [B, num_samples] in [-1, 1] to logits [B, n_classes]."""
    return _module(name).build(settings, sample_rate, num_samples, n_classes)
