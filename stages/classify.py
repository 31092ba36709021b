"""Train one classifier on every split; keep the model of the first, and what each says of clips it never saw."""

import here  # noqa: F401

import sys
from functools import partial

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from scipy.special import softmax

from common import CHECKPOINTS, CLASSIFIERS, CLIPS, SPLITS, Stage, stage
from drumspace import artifacts
from drumspace.artifacts import CLASSES, Clips
from drumspace.audio.params import AudioParams
from drumspace.classify import registry
from drumspace.classify.fit import fit, logits
from drumspace.metrics.classification import fit_temperature
from drumspace.training.checkpoints import Checkpoints, fingerprint

SCORED = ("validation", "test", "test_rest")


def main() -> None:
    """Run the stage for the model named on the command line."""
    name = sys.argv[1]
    with stage("classify", name) as work:
        audio = work.section("audio", AudioParams)
        settings = work.section(f"classify.models.{name}", registry.settings_type(name))
        seed = work.value("classify.seed", int)
        clips = Clips(CLIPS)
        splits = pd.read_parquet(SPLITS).set_index("clip_id").reindex(clips.catalog["clip_id"])
        index = {label: number for number, label in enumerate(CLASSES)}
        labels = clips.catalog["label"].map(index).fillna(-1).to_numpy(dtype=np.int64)

        predictions = []
        config: dict[str, object] = {}
        with artifacts.atomic_folder(CLASSIFIERS / name) as folder:
            for repeat, column in enumerate(c for c in splits.columns if c.startswith("part")):
                part = splits[column].to_numpy()
                rows = {key: np.flatnonzero((part == key) & (labels >= 0)) for key in ("train", *SCORED)}
                model = build(name, settings, audio, seed + repeat)
                key = fingerprint(
                    model=name,
                    settings=settings.model_dump(),
                    seed=seed + repeat,
                    clips=[clips.catalog["clip_id"].iloc[rows[k]].tolist() for k in ("train", "validation")],
                    labels=[labels[rows[k]].tolist() for k in ("train", "validation")],
                )
                checkpoints = Checkpoints(CHECKPOINTS / "classify", key)
                step = fit(
                    model,
                    clips.__getitem__,
                    rows["train"],
                    labels[rows["train"]],
                    rows["validation"],
                    labels[rows["validation"]],
                    audio.sample_rate,
                    getattr(settings, "training", None),
                    seed + repeat,
                    checkpoints,
                    partial(track, work, repeat),
                    title=f"{name} split {repeat}",
                )
                temperature = 1.0
                if len(rows["validation"]):
                    scores = logits(model, clips.__getitem__, rows["validation"])
                    temperature = fit_temperature(labels[rows["validation"]], scores)
                for key in SCORED:
                    scores = logits(model, clips.__getitem__, rows[key])
                    table = pd.DataFrame(softmax(scores / temperature, axis=1), columns=list(CLASSES))
                    table.insert(0, "clip_id", clips.catalog["clip_id"].to_numpy()[rows[key]])
                    table.insert(1, "split", repeat)
                    table.insert(2, "part", key)
                    table.insert(3, "label", clips.catalog["label"].to_numpy()[rows[key]])
                    predictions.append(table)
                if repeat == 0:
                    tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
                    save_file(tensors, folder / "model.safetensors")
                    config = {
                        "model": name,
                        "settings": settings.model_dump(),
                        "audio": audio.model_dump(),
                        "seed": seed,
                        "classes": list(CLASSES),
                        "temperature": temperature,
                        "step": step,
                        "trained_on": len(rows["train"]),
                        "weights": "random",
                        "weights_sha256": None,
                        "trainable": "all",
                        "parameters": sum(tensor.numel() for tensor in tensors.values()),
                    }
                checkpoints.clear()
            artifacts.write_json(folder / "config.json", config)
            artifacts.write_parquet(folder / "predictions.parquet", pd.concat(predictions, ignore_index=True))


def track(work: Stage, repeat: int, step: int, values: dict[str, float]) -> None:
    """Log what the training loop reports."""
    work.run.metrics({f"split_{repeat}": values}, step=step)


def build(name: str, settings: object, audio: AudioParams, seed: int) -> torch.nn.Module:
    """A model with weights drawn from `seed`."""
    torch.manual_seed(seed)
    return registry.build(name, settings, audio.sample_rate, audio.num_samples, len(CLASSES))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
