"""A VAE-GAN starts only from a trained VAE that matches params.yaml."""

import json
from pathlib import Path

import pytest
import torch

from drumspace.errors import UserError
from drumspace.synth.training.vaegan.warm_start import load_start
from small_vae import AUDIO, RATE, settings, train_and_save


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    train_and_save(models, "vae", settings(steps=2))
    return models / "vae" / "vae"


def test_a_warm_start_copies_weights_and_a_cold_start_the_architecture_only(folder: Path) -> None:
    warm, config = load_start(folder, settings(steps=2), AUDIO, True, 0)
    repeated, _ = load_start(folder, settings(steps=2), AUDIO, True, 1)
    cold, _ = load_start(folder, settings(steps=2), AUDIO, False, 1)
    other, _ = load_start(folder, settings(steps=2), AUDIO, False, 2)
    pairs = list(zip(warm.parameters(), repeated.parameters(), strict=True))
    assert all(torch.equal(one, two) for one, two in pairs)
    names = dict(cold.named_parameters())
    assert names.keys() == dict(warm.named_parameters()).keys()
    weight = "decoder.magnitude.bias"
    assert not torch.equal(names["from_latent.0.weight"], dict(other.named_parameters())["from_latent.0.weight"])
    assert not torch.equal(names[weight], dict(warm.named_parameters())[weight])
    assert len(config["initial_weights"]) == 64 and config["settings"]["steps"] == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latent": 5}, "latent is 4 there, and 5 in params.yaml"),
        ({"condition": "none"}, "condition is 'labels' there, and 'none' in params.yaml"),
        ({"network": {**settings().network, "width": 24}}, "network is"),
        ({"architecture": "sing"}, "architecture is 'istft' there, and 'sing' in params.yaml"),
    ],
)
def test_another_architecture_raises_an_error(folder: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match="holds another VAE than") as error:
        load_start(folder, settings(**changes), AUDIO, True, 0)
    assert message in str(error.value)


def test_another_rate_raises_an_error_and_another_number_of_steps_does_not(folder: Path) -> None:
    with pytest.raises(UserError, match=f"sample_rate is {RATE} there, and 11025 in params.yaml"):
        load_start(folder, settings(), AUDIO.model_copy(update={"sample_rate": 11025}), True, 0)
    load_start(folder, settings(steps=9), AUDIO, True, 0)


@pytest.mark.parametrize("missing_key", ["settings", "audio", "latent"])
def test_a_vae_of_another_version_raises_an_error(folder: Path, tmp_path: Path, missing_key: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["settings"].pop(missing_key, None)
    config.pop(missing_key, None)
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=r"of another version of drumspace: .* Train it again"):
        load_start(tmp_path, settings(steps=2), AUDIO, True, 0)


def test_a_missing_vae_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no trained model"):
        load_start(tmp_path, settings(), AUDIO, True, 0)
