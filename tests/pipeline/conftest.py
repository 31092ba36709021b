"""A small pipeline run once for all tests of this folder: drum machine sounds in a temporary clone."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from small_pipeline import KITS, RATE, shell, write_params
from stages_of import ROOT

from drumspace.audio.synthesis.drum_machine import synthesize
from drumspace.taxonomy import CLASSES


@pytest.fixture(scope="session")
def empty_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as git sees it, in a repository of its own, with tiny params and no sounds."""
    clone = tmp_path_factory.mktemp("clone") / "drumspace"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    (clone / "dvc.lock").unlink(missing_ok=True)
    write_params(clone / "params.yaml")
    shell("git", "init", "-q", cwd=clone)
    shell("git", "add", "-A", cwd=clone)
    shell("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "tiny", cwd=clone)
    return clone


@pytest.fixture(scope="session")
def clone(empty_clone: Path) -> Iterator[Path]:
    """The clone after one `dvc repro`; six kits of its own hold three sounds of each class, and a nameless one."""
    for kit in range(KITS):
        for label in CLASSES:
            for number, wave in enumerate(synthesize(label, 3, seed=kit, sample_rate=RATE, num_samples=RATE // 4)):
                path = empty_clone / "data" / "own" / f"kit{kit}" / f"{label}_{number}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, wave, RATE)
        # One whose name does not tell what it is.
        wave = next(iter(synthesize("kick", 1, seed=100 + kit, sample_rate=RATE, num_samples=RATE // 4)))
        soundfile.write(empty_clone / "data" / "own" / f"kit{kit}" / "take.wav", wave, RATE)
    shell("dvc", "repro", cwd=empty_clone)
    return empty_clone
