"""Checkpoint keys depend on settings and on the source code of the training, imported or not."""

import shutil
from pathlib import Path

import pytest

from drumspace.io import source_digest
from drumspace.training.core.checkpoints import fingerprint

LOOP = ["drumspace.training.core.loop"]
VAE = ["drumspace.synth.training.vae.train_vae", "drumspace.synth.models.architectures.istft"]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy of the package's source from which fingerprints are computed."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source_digest.SOURCE / "drumspace", tmp_path / "drumspace", ignore=ignore)
    digest = source_digest.source_digest
    monkeypatch.setattr("drumspace.training.core.checkpoints.source_digest", lambda modules: digest(modules, tmp_path))
    return tmp_path / "drumspace"


def edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


def test_fingerprint_depends_on_its_parts() -> None:
    assert fingerprint(LOOP, a=1, b=[2]) == fingerprint(LOOP, b=[2], a=1)
    assert fingerprint(LOOP, a=1) != fingerprint(LOOP, a=2)
    assert fingerprint(LOOP, rate=3e-7) != fingerprint(LOOP, rate=4e-7)


@pytest.mark.parametrize(
    "name",
    ["synth/models/architectures/istft.py", "synth/training/vae/train_vae.py", "training/core/loop.py"],
)
def test_an_edit_of_the_architecture_or_of_the_loop_is_another_training(source: Path, name: str) -> None:
    before = fingerprint(VAE, seed=0)
    edit(source / name)
    assert fingerprint(VAE, seed=0) != before


@pytest.mark.parametrize("name", ["synth/models/architectures/sing.py", "classify/models/svm.py", "report/page.py"])
def test_an_edit_of_code_that_does_not_train_keeps_the_checkpoint(source: Path, name: str) -> None:
    before = fingerprint(VAE, seed=0)
    edit(source / name)
    assert fingerprint(VAE, seed=0) == before
