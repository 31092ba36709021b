"""Train one classifier on every split: models/classify/<model>, with its predictions of clips that it did not train on.

`accelerate launch stages/classify.py MODEL` trains on several devices.
"""

import _lib.bootstrap  # noqa: F401

import sys

from safetensors.torch import save_file

from _lib.paths import CHECKPOINTS, CLASSIFIERS, CLIPS, EMBEDDINGS, PRETRAINED, SPLITS, WEIGHTS
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.training.settings import ModelSettings, RejectionParams
from drumspace.classify.training.train_classifier import CacheFolders
from drumspace.classify.training.train_splits import train_splits
from drumspace.classify.weights.manifest import absence
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.io.atomic import atomic_folder
from drumspace.io.json_files import read_json, write_json
from drumspace.io.parquet import write_parquet
from drumspace.training.core.precision import accelerator


def main() -> None:
    """Run the stage for the model named on the command line."""
    name = sys.argv[1]
    with stage("classify", name) as work:
        audio = work.section("audio", AudioParams)
        settings = work.section(f"classify.models.{name}", registry.settings_type(name))
        assert isinstance(settings, ModelSettings)
        seed = work.value("classify.seed", int)
        rejection = work.section("classify.rejection", RejectionParams)
        manifest = read_json(PRETRAINED / f"{name}.json")
        work.run.tag("weights", manifest["weights"])
        if reason := absence(manifest):
            with atomic_folder(CLASSIFIERS / name) as folder:
                write_json(folder / "config.json", {"model": name, "not_run": reason})
            log.warning("%s is not run: %s", name, reason)
            return
        if manifest.get("reason", "") not in ("", "trained from scratch"):
            log.warning("%s starts from random weights: %s", name, manifest["reason"])

        def report(split: int, step: int, values: dict[str, float]) -> None:
            work.run.metrics({f"split_{split}": values}, step=step)

        data = LabelledClips(CLIPS, SPLITS)
        caches = CacheFolders(WEIGHTS, EMBEDDINGS, CHECKPOINTS / "classify")
        results = train_splits(name, settings, audio, data, seed, manifest, caches, report, rejection)
        work.times |= results.times
        if results.config["rejection"] is None:
            log.warning(
                "%s does not reject other drums: fewer than classify.rejection.min_others (%d) of them are trained on. "
                "Add sounds whose names say that they are a rim, a cowbell, a conga …", name, rejection.min_others,
            )  # fmt: skip
        if accelerator().is_main_process:
            state = results.model.state_dict()
            with atomic_folder(CLASSIFIERS / name) as folder:
                tensors = {key: tensor.detach().cpu().contiguous() for key, tensor in state.items()}
                save_file(tensors, folder / "model.safetensors")
                write_json(folder / "config.json", results.config)
                write_parquet(folder / "predictions.parquet", results.predictions)
            # Not before: a stage that is killed during its last split resumes the others from their checkpoints.
            for trained in results.trainings:
                trained.clear_checkpoints()


if __name__ == "__main__":
    main()
