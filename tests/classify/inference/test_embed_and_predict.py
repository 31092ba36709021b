"""Embeddings and probabilities of waves by a trained network, and models that can't be loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from drumspace.classify.inference.embed_and_predict import BATCH, embed_and_predict
from drumspace.classify.inference.trained_model import TrainedModel, load_trained
from drumspace.classify.networks import registry
from drumspace.classify.training.calibration import Calibration
from drumspace.classify.training.settings import NetworkSettings
from drumspace.errors import UserError
from drumspace.io.json_files import write_json
from drumspace.taxonomy import CLASSES

AUDIO = {"sample_rate": 8000, "seconds": 0.25, "onset_db": -40, "lead_ms": 1, "fade_ms": 5, "silence_dbfs": -60}


@pytest.fixture
def saved(tmp_path: Path, settings: Callable[..., NetworkSettings]) -> Callable[..., Path]:
    """A folder with an untrained `cnn_spec`; keywords replace keys of config.json."""

    def make(outputs: int = len(CLASSES), **changes: Any) -> Path:
        chosen = settings("cnn_spec")
        torch.manual_seed(0)
        model = registry.build("cnn_spec", chosen, 8000, 2000, outputs)
        save_file(
            {key: value.contiguous() for key, value in model.state_dict().items()}, tmp_path / "model.safetensors"
        )
        config = {"model": "cnn_spec", "settings": chosen.model_dump(), "audio": AUDIO, "classes": list(CLASSES)}
        write_json(tmp_path / "config.json", {**config, "temperature": 2.0, **changes})
        return tmp_path

    return make


def test_embeddings_and_probabilities_are_those_of_the_network(saved: Callable[..., Path]) -> None:
    trained = load_trained(saved())
    waves = np.random.default_rng(0).standard_normal((BATCH + 3, 2000)).astype(np.float32) * 0.1
    embeddings, probs = embed_and_predict(trained, waves)
    with torch.inference_mode():
        logits = trained.module(torch.from_numpy(waves[-3:])) / 2.0
    assert embeddings.shape[0] == probs.shape[0] == len(waves)
    np.testing.assert_allclose(probs[-3:], torch.softmax(logits, dim=1).numpy(), atol=1e-4)


def test_a_module_without_an_embedding_is_refused(saved: Callable[..., Path]) -> None:
    trained = TrainedModel(nn.Linear(2, 8), Calibration(1.0, None), load_trained(saved()).audio)
    with pytest.raises(TypeError, match="Linear is not a Network"):
        embed_and_predict(trained, np.zeros((1, 2), dtype=np.float32))


def test_the_output_of_rejection_is_loaded_with_its_calibration(saved: Callable[..., Path]) -> None:
    trained = load_trained(saved(len(CLASSES) + 1, rejection={"scale": 2.0, "offset": -1.0}))
    assert trained.calibration.rejection == (2.0, -1.0)
    _, probs = embed_and_predict(trained, np.zeros((1, 2000), dtype=np.float32) + 0.01)
    assert probs.shape == (1, len(CLASSES))


def test_models_that_cannot_be_used_are_errors_with_the_reason(saved: Callable[..., Path]) -> None:
    with pytest.raises(UserError, match="holds no trained model, published weights absent: run `make weights`"):
        load_trained(saved(not_run="published weights absent"))
    with pytest.raises(UserError, match="was trained for other classes: bell"):
        load_trained(saved(classes=["bell"]))
    folder = saved()
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match=r"model.safetensors can't be read"):
        load_trained(folder)
