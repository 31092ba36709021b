"""Loading of a labeller and its threshold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from drumspace.classify.inference.labeller import load_labeller
from drumspace.classify.networks import registry
from drumspace.classify.training.settings import NetworkSettings
from drumspace.errors import UserError
from drumspace.io.json_files import read_json, write_json
from drumspace.taxonomy import CLASSES

THRESHOLDS = {name: (80 + index) / 100 for index, name in enumerate(CLASSES)}
AUDIO = {"sample_rate": 8000, "seconds": 0.5, "onset_db": -40, "lead_ms": 1, "fade_ms": 5, "silence_dbfs": -60}


@pytest.fixture
def models(tmp_path: Path, settings: Callable[..., NetworkSettings]) -> Callable[..., Path]:
    """A folder with the untrained model `cnn_spec`; keywords replace keys of best.json."""

    def make(**best: Any) -> Path:
        chosen = settings("cnn_spec")
        torch.manual_seed(0)
        model = registry.build("cnn_spec", chosen, 8000, 4000, len(CLASSES))
        folder = tmp_path / "classify" / "cnn_spec"
        folder.mkdir(parents=True, exist_ok=True)
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, folder / "model.safetensors")
        config = {"model": "cnn_spec", "settings": chosen.model_dump(), "audio": AUDIO, "classes": list(CLASSES)}
        write_json(folder / "config.json", {**config, "temperature": 1.5})
        usual = {"model": "cnn_spec", "target_precision": 0.95, "n": 40, "thresholds": {"cnn_spec": THRESHOLDS}}
        write_json(tmp_path / "best.json", {**usual, **best})
        return tmp_path

    return make


def test_the_threshold_is_that_of_the_validation_clips_or_the_argument(models: Callable[..., Path]) -> None:
    assert load_labeller(models()).thresholds.tolist() == list(THRESHOLDS.values())
    assert load_labeller(models(), abstain_below=0.3).thresholds.tolist() == [0.3] * len(CLASSES)


def test_without_a_threshold_for_the_target_precision_no_sound_is_labelled(
    models: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    labeller = load_labeller(models(thresholds={"cnn_spec": None}))
    assert labeller.labels_none
    assert "can't keep the target precision of 0.95" in caplog.text and "best_guess" in caplog.text


def test_without_validation_clips_the_threshold_is_one_half_with_a_warning(
    models: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    assert (load_labeller(models(n=0, thresholds={})).thresholds == 0.5).all()
    assert "cnn_spec has no threshold, as there were no validation clips" in caplog.text


def test_the_error_of_an_unknown_model_lists_the_trained_ones(models: Callable[..., Path]) -> None:
    with pytest.raises(UserError, match=r"there is no trained model `cnn15`; .* holds cnn_spec"):
        load_labeller(models(), "cnn15")


def test_a_model_with_the_settings_of_another_version_is_an_error_with_their_names(
    models: Callable[..., Path],
) -> None:
    path = models() / "classify" / "cnn_spec" / "config.json"
    config = read_json(path)
    del config["settings"]["training"]["augment"]["reverb"]
    write_json(path, config)
    with pytest.raises(UserError, match=r"another version of drumspace.*training\.augment\.reverb.*make repro"):
        load_labeller(path.parents[2])
