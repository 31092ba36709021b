"""Train a judge of generated sounds: a network that classifies them, on kits that are not in the reference.

No generator trains against a judge. Output: models/judge/<network>.
"""

import _lib.bootstrap  # noqa: F401

import sys

import pandas as pd

from _lib.paths import CHECKPOINTS, CLIPS, EMBEDDINGS, JUDGES, PRETRAINED, SPLITS, WEIGHTS
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.training.fit_calibration import calibrate
from drumspace.classify.training.settings import NetworkSettings
from drumspace.classify.training.train_classifier import CacheFolders, model_config, train_classifier
from drumspace.classify.weights.manifest import or_random
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets, hold_out_kits
from drumspace.errors import UserError
from drumspace.io.json_files import read_json
from drumspace.io.models import save_model
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import accelerator


def main() -> None:
    """Run the stage for the network named on the command line."""
    name = sys.argv[1]
    with stage("judge", name) as work:
        audio = work.section("audio", AudioParams)
        settings = work.section(f"judge.models.{name}", registry.settings_type(name))
        seed, folds = work.value("judge.seed", int), work.value("judge.folds", int)
        assert isinstance(settings, NetworkSettings)
        manifest = or_random(read_json(PRETRAINED / f"{name}.json"))
        work.run.tag("weights", manifest["weights"])
        if manifest["weights"] == "random":
            log.warning("judge %s starts from random weights, not published ones: %s", name, manifest["reason"])
        data = LabelledClips(CLIPS, SPLITS)
        rows = Subsets.read(data, pd.read_parquet(SPLITS)).judge
        if not len(rows):
            raise UserError("The judge has no labelled clip to train on: add some, or lower the shares of `split`.")
        held_out = hold_out_kits(data.catalog["kit"].to_numpy()[rows], data.labels[rows], folds, seed)
        training, validation = rows[~held_out], rows[held_out]
        trained = train_classifier(
            name, settings, audio, data, training, validation, rows, seed, manifest,
            CacheFolders(WEIGHTS, EMBEDDINGS, CHECKPOINTS / "judge"),
            lambda step, values: work.run.metrics(values, step=step), f"judge {name}",
        )  # fmt: skip
        calibration = calibrate(
            trained.logits(validation), data.labels[validation], data.labels[training], len(CLASSES)
        )  # fmt: skip
        if accelerator().is_main_process:
            config = model_config(
                name, settings, audio, seed, manifest, calibration, trained.step, len(training)
            )  # fmt: skip
            save_model(JUDGES / name, trained.model, {**config, "chosen_on": len(validation)})
            trained.clear_checkpoints()


if __name__ == "__main__":
    main()
