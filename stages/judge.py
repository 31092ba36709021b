"""A network that judges sounds: a published trunk, frozen unless params say otherwise, and a head that names classes.

It learns from kits that are not the reference's; no generator trains against it.
"""

import here  # noqa: F401

import sys

import pandas as pd

from common import CHECKPOINTS, CLIPS, EMBEDDINGS, PRETRAINED, SPLITS, WEIGHTS, log, stage
from drumspace.artifacts import CLASSES, read_json
from drumspace.audio.params import AudioParams
from drumspace.classify import registry
from drumspace.classify.examples import examples
from drumspace.classify.fit import fit, logits
from drumspace.classify.network import Network
from drumspace.classify.params import NetworkSettings
from drumspace.classify.start import start
from drumspace.dataset.labelled import LabelledClips
from drumspace.dataset.roles import Roles, hold_out_kits
from drumspace.errors import UserError
from drumspace.metrics.classification import fit_temperature
from drumspace.training.checkpoints import Checkpoints, fingerprint
from drumspace.training.precision import accelerator, mixed_precision
from saved import save_model
from synthesis_paths import JUDGES


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
        roles = Roles.read(data, pd.read_parquet(SPLITS))
        model = start(name, settings, audio, seed, manifest, WEIGHTS)
        assert isinstance(model, Network)
        if not len(roles.judge):
            raise UserError("The judge has no labelled sound to learn from: add some, or lower the shares of `split`.")
        held = hold_out_kits(data.catalog["kit"].to_numpy()[roles.judge], data.labels[roles.judge], folds, seed)
        own, chosen_by = roles.judge[~held], roles.judge[held]
        key = fingerprint(
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
        material = examples(model, settings, pcm, roles.judge, audio.sample_rate, EMBEDDINGS, data.digest)
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
