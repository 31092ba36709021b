"""A WaveGAN on the generators' clips, to hold other generators against: models/wavegan.

`accelerate launch stages/train_wavegan.py` trains on several devices.
"""

import here  # noqa: F401

import pandas as pd

from common import CHECKPOINTS, CLIPS, SPLITS, stage
from drumspace.dataset.labelled import LabelledClips
from drumspace.dataset.roles import Roles
from drumspace.synth.wavegan import WaveGanSettings, train_wavegan
from drumspace.training.checkpoints import Checkpoints, fingerprint
from drumspace.training.precision import accelerator, mixed_precision
from saved import save_model
from synthesis_paths import WAVEGAN


def main() -> None:
    """Run the stage."""
    with stage("train_wavegan") as work:
        settings = work.section("wavegan", WaveGanSettings)
        data = LabelledClips(CLIPS, SPLITS)
        rows = Roles.read(data, pd.read_parquet(SPLITS)).generators
        key = fingerprint(
            settings=settings.model_dump(),
            clips=data.ids[rows].tolist(),
            precision=mixed_precision(),
            processes=accelerator().num_processes,
        )
        checkpoints = Checkpoints(CHECKPOINTS / "wavegan", key)
        generator, played = train_wavegan(
            data.clips.__getitem__, rows, settings, data.clips.num_samples, checkpoints,
            lambda step, values: work.run.metrics(values, step=step),
        )  # fmt: skip
        work.times["training_seconds"] = played.seconds
        if accelerator().is_main_process:
            config = {
                "model": "wavegan",
                "settings": settings.model_dump(),
                "num_samples": data.clips.num_samples,
                "trained_on": len(rows),
            }
            save_model(WAVEGAN, generator, {**config, "step": played.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
