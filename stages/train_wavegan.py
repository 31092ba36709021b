"""A WaveGAN on the generators' clips, to hold other generators against: models/wavegan.

`accelerate launch stages/train_wavegan.py` trains on several devices.
"""

import here  # noqa: F401

from common import stage
from drumspace.synth.wavegan import WaveGanSettings, train_wavegan
from drumspace.training.precision import accelerator
from generator_data import Training
from saved import save_model
from synthesis_paths import WAVEGAN


def main() -> None:
    """Run the stage."""
    with stage("train_wavegan") as work:
        settings = work.section("wavegan", WaveGanSettings)
        of = Training.open(work)
        checkpoints = of.checkpoints(settings)
        num_samples = of.data.clips.num_samples
        generator, played = train_wavegan(of.pcm, of.rows, settings, num_samples, checkpoints, of.report)
        work.times["training_seconds"] = played.seconds
        if accelerator().is_main_process:
            config = {
                "model": "wavegan",
                "settings": settings.model_dump(),
                "num_samples": num_samples,
                "trained_on": len(of.rows),
            }
            save_model(WAVEGAN, generator, {**config, "step": played.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
