"""A network that finds a wave for true magnitudes, trained on the generators' clips: models/mcnn.

`accelerate launch stages/train_mcnn.py` trains on several devices.
"""

import here  # noqa: F401

from common import stage
from drumspace.synth.mcnn import McnnSettings, train_mcnn
from drumspace.training.precision import accelerator
from generator_data import Training
from saved import save_model
from synthesis_paths import MCNN


def main() -> None:
    """Run the stage."""
    with stage("train_mcnn") as work:
        settings = work.section("mcnn", McnnSettings)
        of = Training.open(work)
        checkpoints = of.checkpoints(settings)
        module, trained = train_mcnn(of.pcm, of.rows, settings, checkpoints, of.report)
        work.times["training_seconds"] = trained.seconds
        if accelerator().is_main_process:
            config = {"model": "mcnn", "settings": settings.model_dump(), "trained_on": len(of.rows)}
            save_model(MCNN, module, {**config, "step": trained.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
