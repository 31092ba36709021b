"""One VAE of params.yaml on the generators' clips: models/vae/<name>.

`accelerate launch stages/train_vae.py NAME` trains on several devices.
"""

import here  # noqa: F401

import sys

from common import stage
from drumspace.artifacts import CLASSES
from drumspace.audio.params import AudioParams
from drumspace.synth.train_vae import train_vae
from drumspace.synth.vae_params import VaeSettings
from drumspace.training.precision import accelerator
from generator_data import Training
from saved import save_model
from synthesis_paths import VAES
from vae_data import listener, sounds_of


def main() -> None:
    """Run the stage for the VAE named on the command line."""
    name = sys.argv[1]
    with stage("train_vae", name) as work:
        settings = work.section(f"vae.models.{name}", VaeSettings)
        audio, level = work.section("audio", AudioParams), work.value("ingest.level_dbfs", float)
        rate = audio.sample_rate
        of = Training.open(work)
        sounds = sounds_of(of, settings.condition, settings.distrusted, settings.seed)
        checkpoints = of.checkpoints(settings, rate=rate, classes=sounds.classes[of.rows].tolist())
        model, trained = train_vae(
            sounds, settings, rate, audio.num_samples, checkpoints, of.report, name, listener(work, name, rate)
        )
        work.times["training_seconds"] = trained.seconds
        work.times["steps_per_second"] = settings.steps / trained.seconds
        if accelerator().is_main_process:
            config = {
                "model": "vae",
                "settings": settings.model_dump(),
                "audio": audio.model_dump(),
                "level_dbfs": level,
                "classes": list(CLASSES),
                "trained_on": len(sounds.rows),
                "with_class": int((sounds.classes[sounds.rows] >= 0).sum()),
                "watched_by": len(sounds.validation),
            }
            save_model(VAES / name, model, {**config, "step": trained.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
