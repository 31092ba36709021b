"""A network that finds a wave for true magnitudes, trained on the generators' clips: models/mcnn.

`accelerate launch stages/train_mcnn.py` trains on several devices.
"""

import here  # noqa: F401

import pandas as pd

from common import CHECKPOINTS, CLIPS, SPLITS, stage
from drumspace.dataset.labelled import LabelledClips
from drumspace.dataset.roles import Roles
from drumspace.synth.mcnn import McnnSettings, train_mcnn
from drumspace.training.checkpoints import Checkpoints, fingerprint
from drumspace.training.precision import accelerator, mixed_precision
from saved import save_model
from synthesis_paths import MCNN


def main() -> None:
    """Run the stage."""
    with stage("train_mcnn") as work:
        settings = work.section("mcnn", McnnSettings)
        data = LabelledClips(CLIPS, SPLITS)
        rows = Roles.read(data, pd.read_parquet(SPLITS)).generators
        key = fingerprint(
            settings=settings.model_dump(),
            clips=data.ids[rows].tolist(),
            precision=mixed_precision(),
            processes=accelerator().num_processes,
        )
        checkpoints = Checkpoints(CHECKPOINTS / "mcnn", key)
        module, trained = train_mcnn(
            data.clips.__getitem__, rows, settings, checkpoints,
            lambda step, values: work.run.metrics(values, step=step),
        )  # fmt: skip
        work.times["training_seconds"] = trained.seconds
        if accelerator().is_main_process:
            config = {"model": "mcnn", "settings": settings.model_dump(), "trained_on": len(rows)}
            save_model(MCNN, module, {**config, "step": trained.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
