"""Checkpoints, logged values and logged audio of the stages that train."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from _lib.paths import CHECKPOINTS
from _lib.runtime import Stage
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import write_json
from drumspace.io.settings import Params
from drumspace.training.core.checkpoints import Checkpoints, fingerprint
from drumspace.training.core.precision import accelerator, mixed_precision


def checkpoints_of(
    stage: Stage, training_set: TrainingSet, settings: Params, modules: Iterable[str], **parts: Any
) -> Checkpoints:
    """The checkpoints of a training, keyed by all it depends on: settings, clips, precision, processes, code, `parts`.

    modules: dotted names of the modules that train, plug-ins in use included (see drumspace.io.source_digest).
    """
    key = fingerprint(
        modules,
        settings=settings.model_dump(),
        clips=training_set.data.ids[training_set.rows].tolist(),
        precision=mixed_precision(),
        processes=accelerator().num_processes,
        **parts,
    )
    return Checkpoints(CHECKPOINTS / stage.name / (stage.item or ""), key)


def report_to(stage: Stage) -> Callable[[int, dict[str, float]], None]:
    """A callback that logs the values of a training step to the stage's run."""

    def report(step: int, values: dict[str, float]) -> None:
        stage.run.metrics(values, step=step)

    return report


def save_untrained(path: Path, name: str, settings: Params) -> None:
    """Write the folder of a baseline that is not trained: its config alone, with the reason under `not_run`."""
    reason = f"not run: {name}.steps is 0 (the default run is too short for it); params/baselines.yaml trains it"
    with atomic_folder(path) as folder:
        write_json(folder / "config.json", {"model": name, "settings": settings.model_dump(), "not_run": reason})


def log_audio(stage: Stage, name: str, sample_rate: int) -> Callable[[int, np.ndarray], None]:
    """A callback that logs pairs of sounds, float32 [n, 2, T], to the stage's run as one FLAC file."""
    import soundfile

    def log(step: int, pairs: np.ndarray) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}-{step:07d}.flac"
            soundfile.write(path, pairs.reshape(-1), sample_rate)
            stage.run.figure(path)

    return log
