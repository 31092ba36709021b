"""Small trained generators."""

from pathlib import Path

import pytest

from drumspace.synth.sampling.trained_vae import TrainedVae, load_vae
from small_vae import save_models


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like models/, with the generators of small_vae."""
    return save_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def vae(models: Path) -> TrainedVae:
    """The first of them."""
    return load_vae(models / "vae" / "vae", models / "priors" / "vae")
