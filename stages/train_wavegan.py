"""Train WaveGAN, a baseline, on the generators' clips: models/wavegan.

`accelerate launch stages/train_wavegan.py` trains on several devices.
"""

import _lib.bootstrap  # noqa: F401

from _lib.paths import CLIPS, SPLITS, WAVEGAN
from _lib.runtime import stage
from _lib.training import checkpoints_of, report_to, save_untrained
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.io.models import save_model
from drumspace.synth.models.baselines.wavegan import WaveGanSettings
from drumspace.synth.training.baselines.wavegan import train_wavegan
from drumspace.training.core.precision import accelerator


def main() -> None:
    """Run the stage."""
    with stage("train_wavegan") as work:
        settings = work.section("wavegan", WaveGanSettings)
        if settings.steps == 0:
            save_untrained(WAVEGAN, "wavegan", settings)
            return
        training_set = TrainingSet.open(CLIPS, SPLITS)
        checkpoints = checkpoints_of(work, training_set, settings, ["drumspace.synth.training.baselines.wavegan"])
        num_samples = training_set.data.clips.num_samples
        generator, result = train_wavegan(
            training_set.pcm, training_set.rows, settings, num_samples, checkpoints, report_to(work)
        )
        work.times["training_seconds"] = result.seconds
        if accelerator().is_main_process:
            config = {
                "model": "wavegan",
                "settings": settings.model_dump(),
                "num_samples": num_samples,
                "trained_on": len(training_set.rows),
            }
            save_model(WAVEGAN, generator, {**config, "step": result.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
