"""A network that judges sounds: a published trunk, frozen unless params say otherwise, and a head that names classes.

It learns from kits that are not the reference's; no generator trains against it.
"""

import _lib.bootstrap  # noqa: F401

import sys

import pandas as pd

from _lib.paths import CHECKPOINTS, CLIPS, EMBEDDINGS, JUDGES, PRETRAINED, SPLITS, WEIGHTS
from _lib.runtime import log, stage
from drumspace.audio.format.settings import AudioParams
from drumspace.classify.networks import registry
from drumspace.classify.networks.network import Network
from drumspace.classify.training.build_model import start
from drumspace.classify.training.examples import examples
from drumspace.classify.training.fit import TRAINING_MODULES, fit, logits
from drumspace.classify.training.settings import NetworkSettings
from drumspace.dataset.access.labelled_clips import LabelledClips
from drumspace.dataset.access.subsets import Subsets, hold_out_kits
from drumspace.errors import UserError
from drumspace.io.json_files import read_json
from drumspace.io.models import save_model
from drumspace.metrics.classification.classification import fit_temperature
from drumspace.taxonomy import CLASSES
from drumspace.training.core.checkpoints import Checkpoints, fingerprint
from drumspace.training.core.precision import accelerator, mixed_precision


def main() -> None:
    """Run the stage for the network named on the command line."""
    name = sys.argv[1]
    with stage("judge", name) as work:
        audio = work.section("audio", AudioParams)
        settings = work.section(f"judge.models.{name}", registry.settings_type(name))
        seed, folds = work.value("judge.seed", int), work.value("judge.folds", int)
        assert isinstance(settings, NetworkSettings)
        manifest = read_json(PRETRAINED / f"{name}.json")
        work.run.tag("weights", manifest["weights"])
        if manifest["weights"] == "random":
            log.warning("judge %s hears with random values, not published ones: %s", name, manifest["reason"])
        data = LabelledClips(CLIPS, SPLITS)
        subsets = Subsets.read(data, pd.read_parquet(SPLITS))
        model = start(name, settings, audio, seed, manifest, WEIGHTS)
        assert isinstance(model, Network)
        if not len(subsets.judge):
            raise UserError("The judge has no labelled sound to learn from: add some, or lower the shares of `split`.")
        held = hold_out_kits(data.catalog["kit"].to_numpy()[subsets.judge], data.labels[subsets.judge], folds, seed)
        own, chosen_by = subsets.judge[~held], subsets.judge[held]
        key = fingerprint(
            [*TRAINING_MODULES, registry.module(name)],
            judge=name,
            settings=settings.model_dump(),
            seed=seed,
            weights=manifest,
            precision=mixed_precision(),
            processes=accelerator().num_processes,
            clips=[data.ids[rows].tolist() for rows in (own, chosen_by)],
            labels=[data.labels[rows].tolist() for rows in (own, chosen_by)],
        )
        checkpoints = Checkpoints(CHECKPOINTS / "judge", key)
        pcm = data.clips.__getitem__
        material = examples(model, settings, pcm, subsets.judge, audio.sample_rate, EMBEDDINGS, data.digest)
        fitted = fit(
            material, own, data.labels[own], chosen_by, data.labels[chosen_by], settings.training, seed, checkpoints,
            lambda step, values: work.run.metrics(values, step=step),
            lambda batch: data.catalog["path"].to_numpy()[batch].tolist(), title=f"judge {name}",
        )  # fmt: skip
        temperature = fit_temperature(data.labels[chosen_by], logits(material.module, material.inputs, chosen_by))
        if accelerator().is_main_process:
            config = {
                "model": name,
                "settings": settings.model_dump(),
                "audio": audio.model_dump(),
                "seed": seed,
                "classes": list(CLASSES),
                "temperature": temperature,
                "step": fitted.step,
                "trained_on": len(own),
                "weights": manifest["weights"],
                "weights_sha256": manifest.get("sha256"),
                "weights_reason": manifest.get("reason"),
                "trainable": settings.trainable,
                "chosen_on": len(chosen_by),
            }
            save_model(JUDGES / name, model, config)
            checkpoints.clear()


if __name__ == "__main__":
    main()
