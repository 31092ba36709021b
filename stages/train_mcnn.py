"""Train MCNN, which inverts magnitude spectrograms, on the generators' clips: models/mcnn.

`accelerate launch stages/train_mcnn.py` trains on several devices.
"""

import _lib.bootstrap  # noqa: F401

from _lib.paths import CLIPS, MCNN, SPLITS
from _lib.runtime import stage
from _lib.training import checkpoints_of, report_to, save_untrained
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.io.models import save_model
from drumspace.synth.models.baselines.mcnn import McnnSettings
from drumspace.synth.training.baselines.mcnn import train_mcnn
from drumspace.training.core.precision import accelerator


def main() -> None:
    """Run the stage."""
    with stage("train_mcnn") as work:
        settings = work.section("mcnn", McnnSettings)
        if settings.steps == 0:
            save_untrained(MCNN, "mcnn", settings)
            return
        training_set = TrainingSet.open(CLIPS, SPLITS)
        checkpoints = checkpoints_of(work, training_set, settings, ["drumspace.synth.training.baselines.mcnn"])
        module, trained = train_mcnn(training_set.pcm, training_set.rows, settings, checkpoints, report_to(work))
        work.times["training_seconds"] = trained.seconds
        if accelerator().is_main_process:
            config = {"model": "mcnn", "settings": settings.model_dump(), "trained_on": len(training_set.rows)}
            save_model(MCNN, module, {**config, "step": trained.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
