"""Train one classifier on every split; keep the model of the first, and what each says of clips it never saw.

`accelerate launch stages/classify.py MODEL` trains on several devices.
"""

import _lib.bootstrap  # noqa: F401

import sys
import time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from scipy.special import softmax

from _lib.paths import CHECKPOINTS, CLASSIFIERS, CLIPS, EMBEDDINGS, PRETRAINED, SPLITS, WEIGHTS
from _lib.runtime import Stage, log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.training.build_model import start
from drumspace.classify.training.examples import examples
from drumspace.classify.training.fit import TRAINING_MODULES, fit, logits
from drumspace.classify.training.settings import ModelSettings
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import read_json, write_json
from drumspace.io.parquet import write_parquet
from drumspace.metrics.classification.classification import fit_temperature
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import Checkpoints, fingerprint
from drumspace.training.core.precision import accelerator, mixed_precision

SCORED = ("validation", "test", "test_rest")
"""Parts that a classifier is asked about."""


def main() -> None:
    """Run the stage for the model named on the command line."""
    name = sys.argv[1]
    with stage("classify", name) as work:
        audio = work.section("audio", AudioParams)
        settings = work.section(f"classify.models.{name}", registry.settings_type(name))
        seed = work.value("classify.seed", int)
        manifest = read_json(PRETRAINED / f"{name}.json")
        work.run.tag("weights", manifest["weights"])
        if manifest.get("reason", "") not in ("", "trained from scratch"):
            log.warning("%s starts from random values: %s", name, manifest["reason"])
        data = LabelledClips(CLIPS, SPLITS)
        assert isinstance(settings, ModelSettings)
        tables, trainings, kept, config = [], [], {}, {}
        for repeat in range(min(settings.splits, data.repeats)):
            model = start(name, settings, audio, seed + repeat, manifest, WEIGHTS)
            step, temperature, table, checkpoints = run(
                work, name, settings, model, data, repeat, seed + repeat, audio, manifest
            )
            tables.append(table)
            trainings.append(checkpoints)
            if repeat == 0:
                tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
                counted = dict(model.named_parameters()) or tensors
                kept, config = (
                    tensors,
                    {
                        "model": name,
                        "settings": settings.model_dump(),
                        "audio": audio.model_dump(),
                        "seed": seed,
                        "classes": list(CLASSES),
                        "temperature": temperature,
                        "step": step,
                        "trained_on": len(data.rows(0, "train")),
                        "weights": manifest["weights"],
                        "weights_sha256": manifest.get("sha256"),
                        "weights_reason": manifest.get("reason"),
                        "trainable": getattr(settings, "trainable", "all"),
                        "parameters": sum(tensor.numel() for tensor in counted.values()),
                        "note": note(settings),
                    },
                )
        if accelerator().is_main_process:
            with atomic_folder(CLASSIFIERS / name) as folder:
                save_file(kept, folder / "model.safetensors")
                write_json(folder / "config.json", config)
                write_parquet(folder / "predictions.parquet", pd.concat(tables, ignore_index=True))
            # Not before: what a stage that is killed in its last split has learnt in the others is in these.
            for checkpoints in trainings:
                checkpoints.clear()


def run(
    work: Stage,
    name: str,
    settings: ModelSettings,
    model: torch.nn.Module,
    data: LabelledClips,
    repeat: int,
    seed: int,
    audio: AudioParams,
    manifest: dict[str, Any],
) -> tuple[int, float, pd.DataFrame, Checkpoints]:
    """Fit a model on one split: step kept, temperature, calibrated probabilities of unheard clips, its checkpoints."""
    rows = {part: data.rows(repeat, part) for part in ("train", *SCORED)}
    key = fingerprint(
        [*TRAINING_MODULES, registry.module(name)],
        model=name,
        settings=settings.model_dump(),
        seed=seed,
        weights=manifest,
        precision=mixed_precision(),
        processes=accelerator().num_processes,
        clips=[data.ids[rows[k]].tolist() for k in ("train", "validation")],
        labels=[data.labels[rows[k]].tolist() for k in ("train", "validation")],
    )
    checkpoints = Checkpoints(CHECKPOINTS / "classify", key)
    pcm, rate = data.clips.__getitem__, audio.sample_rate
    material = examples(model, settings, pcm, data.all_rows, rate, EMBEDDINGS, data.digest)
    fitted = fit(
        material,
        rows["train"],
        data.labels[rows["train"]],
        rows["validation"],
        data.labels[rows["validation"]],
        getattr(settings, "training", None),
        seed,
        checkpoints,
        partial(track, work, repeat),
        lambda batch: data.catalog["path"].to_numpy()[batch].tolist(),
        title=f"{name} split {repeat}",
    )
    begin = time.perf_counter()
    scores = {part: logits(material.module, material.inputs, rows[part]) for part in SCORED}
    asked = sum(len(rows[part]) for part in SCORED)
    work.times["clips_per_second"] = asked / (time.perf_counter() - begin)
    work.times["training_seconds"] = work.times.get("training_seconds", 0.0) + fitted.seconds
    truth = data.labels[rows["validation"]]
    # A class without a training clip is an answer that the model can't give, however it is calibrated.
    heard = np.isin(truth, data.labels[rows["train"]])
    temperature = fit_temperature(truth[heard], scores["validation"][heard])
    tables = []
    for part in SCORED:
        table = pd.DataFrame(softmax(scores[part] / temperature, axis=1), columns=list(CLASSES))
        table.insert(0, "clip_id", data.ids[rows[part]])
        table.insert(1, "split", repeat)
        table.insert(2, "part", part)
        table.insert(3, "label", data.catalog["label"].to_numpy()[rows[part]])
        tables.append(table)
    return fitted.step, temperature, pd.concat(tables, ignore_index=True), checkpoints


def track(work: Stage, repeat: int, step: int, values: dict[str, float]) -> None:
    """Log what the training loop reports."""
    work.run.metrics({f"split_{repeat}": values}, step=step)


def note(settings: ModelSettings) -> str:
    """How long and on what a network was trained, for the comparison's row."""
    training = getattr(settings, "training", None)
    if training is None:
        return ""
    picture = getattr(settings, "picture", None)
    size = f", picture {picture.bands}×{picture.frames}" if picture else ""
    return f"{training.steps:,} steps of {training.batch_size}{size}"


if __name__ == "__main__":
    main()
