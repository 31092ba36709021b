"""The public API, as the examples of its docstrings use it, on small trained models."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from safetensors.torch import save_file

import drumspace
import small_vae
from drumspace.audio.synthesis.drum_machine import synthesize
from drumspace.classify.networks import registry
from drumspace.errors import UserError
from drumspace.io.json_files import write_json
from drumspace.taxonomy import CLASSES

pytestmark = pytest.mark.training
AUDIO = {"sample_rate": 8000, "seconds": 0.5, "onset_db": -40, "lead_ms": 1, "fade_ms": 5, "silence_dbfs": -60}
CNN = {
    "splits": 1, "folds": 0, "trainable": "all", "dropout": 0.0, "spectrum": {"channels": [8, 8]},
    "mel": {"n_fft": 256, "hop_length": 128, "floor_db": -80, "n_mels": 16, "fmin": 20, "fmax": None},
    "training": {
        "steps": 1, "batch_size": 8, "learning_rate": 0.01, "schedule": "one_cycle", "weight_decay": 0.0,
        "ema_decay": 0.5, "label_smoothing": 0.0, "validate_every": 1, "checkpoint_every": 1,
        "augment": {
            "gain_db": 3, "shift_ms": 5, "speed": 0.02, "eq_db": 2, "noise_db": -40, "mask_bands": 0.1,
            "mask_frames": 0.1, "mixup": 0.0, "reverb": {"probability": 0, "seconds": 0.5},
            "clipping": {"probability": 0, "drive_db": 12}, "low_pass": {"probability": 0, "lowest_hz": 3000},
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models as the pipeline leaves it: an untrained classifier and a generator."""
    folder = tmp_path_factory.mktemp("models")
    settings = registry.settings_type("cnn_spec").model_validate(CNN)
    torch.manual_seed(0)
    network = registry.build("cnn_spec", settings, 8000, 4000, len(CLASSES))
    path = folder / "classify" / "cnn_spec"
    path.mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, path / "model.safetensors")
    config = {"model": "cnn_spec", "settings": settings.model_dump(), "audio": AUDIO, "classes": list(CLASSES)}
    write_json(path / "config.json", {**config, "temperature": 1.0})
    write_json(
        folder / "best.json", {"model": "cnn_spec", "n": 40, "thresholds": {"cnn_spec": dict.fromkeys(CLASSES, 0.0)}}
    )
    small_vae.train_and_save(folder, "vae", small_vae.settings(steps=4))
    return folder


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A folder of two sound files, one of them a drum of none of the classes."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    for name, wave in zip(
        ("a", "cowbell"), synthesize("kick", 2, seed=0, sample_rate=8000, num_samples=4000), strict=True
    ):
        soundfile.write(folder / f"{name}.wav", wave, 8000)
    return folder


def test_label(models: Path, sounds: Path) -> None:
    labeller = drumspace.load_labeller(models)
    assert labeller.name == "cnn_spec"
    table = labeller.label([sounds])
    assert list(table.columns) == ["path", "label", "best_guess", "detail", "confidence", *CLASSES, "other", "reason"]
    assert [Path(path).name for path in table["path"]] == ["a.wav", "cowbell.wav"]
    assert table["label"].notna().tolist() == [True, False]
    assert table["reason"].isna().tolist() == [True, False] and table["reason"][1] == "name says other"
    assert table["best_guess"].isin(CLASSES).all() and table["best_guess"][0] == table["label"][0]
    probabilities = table[list(CLASSES)].to_numpy()
    assert np.abs(probabilities.sum(axis=1) - 1).max() < 1e-3
    assert table["label"][0] == CLASSES[probabilities[0].argmax()]
    assert np.allclose(table["confidence"], probabilities.max(axis=1))


def test_abstention_is_the_callers_choice(models: Path, sounds: Path) -> None:
    assert drumspace.load_labeller(models, abstain_below=1.0).label([sounds / "a.wav"])["label"].isna().all()
    assert drumspace.load_labeller(models, abstain_below=0).label([sounds])["label"].notna().all()


def test_files_that_cannot_be_read_have_no_row(models: Path, sounds: Path, caplog: pytest.LogCaptureFixture) -> None:
    (sounds / "notes.wav").write_text("no sound")
    assert len(drumspace.load_labeller(models).label([sounds])) == 2
    assert "notes.wav: no sound that can be decoded" in caplog.text


def test_names_that_are_no_utf8_are_labelled(models: Path, sounds: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(sounds) + b"/Caisse \xe9.wav"))
    (sounds / "a.wav").rename(odd)
    assert odd in [Path(path) for path in drumspace.load_labeller(models).label([sounds])["path"]]


def test_generate(models: Path) -> None:
    generator = drumspace.load_generator(models)
    waves, sample_rate = generator.generate("snare", count=3, seed=1)
    assert (waves.shape, waves.dtype, sample_rate) == ((3, small_vae.LENGTH), np.float32, small_vae.RATE)
    assert 0 < np.abs(waves).max() <= 1
    assert generator.generate("snare", count=3, seed=1)[0].tobytes() == waves.tobytes()
    assert generator.generate("snare", count=3, seed=2)[0].tobytes() != waves.tobytes()
    assert generator.generate(count=2)[0].shape == (2, small_vae.LENGTH)
    with pytest.raises(UserError, match="there is no class `cowbell`"):
        generator.generate("cowbell")


def test_catalogue(tmp_path: Path) -> None:
    pcm = np.arange(8, dtype=np.int16).reshape(2, 4)
    np.save(tmp_path / "shard-00000.npy", pcm)
    table = pd.DataFrame({"clip_id": ["a", "b"], "shard": [0, 0], "row": [0, 1], "label": ["kick", None]})
    table.to_parquet(tmp_path / "catalog.parquet")
    catalogue = drumspace.Catalogue(tmp_path)
    assert len(catalogue) == len(catalogue.table) == 2
    kicks = catalogue.table.index[catalogue.table["label"] == "kick"]
    assert catalogue.samples(kicks).tolist() == (pcm[:1] / 32768).tolist()
    with pytest.raises(UserError, match="holds no catalogue"):
        drumspace.Catalogue(tmp_path / "elsewhere")


def test_names_are_loaded_on_first_use_and_unknown_ones_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = drumspace.nothing
    code = "import sys, drumspace; print('numpy' in sys.modules); drumspace.Catalogue; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nFalse\n"


def test_trained_models_need_the_extra_torch_alone() -> None:
    """In an environment without the extra `pipeline`, these packages are missing."""
    code = (
        "import sys, drumspace.classify.inference.label_files, drumspace.synth.sampling.sound_files as s;"
        "print(sorted({'dvc', 'mlflow', 'cleanlab', 'distributed', 'jinja2', 'umap', 'openTSNE'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
