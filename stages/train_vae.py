"""Train one VAE of params.yaml on the generators' clips: models/vae/<name>.

`accelerate launch stages/train_vae.py NAME` trains on several devices.
"""

import _lib.bootstrap  # noqa: F401

import sys

from _lib.paths import CLIPS, LABELS, SPLITS, VAES
from _lib.runtime import stage
from _lib.training import checkpoints_of, log_audio, report_to
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.io.models import save_model
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae
from drumspace.synth.training.vae.training_sounds import training_sounds
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import accelerator


def main() -> None:
    """Run the stage for the VAE named on the command line."""
    name = sys.argv[1]
    with stage("train_vae", name) as work:
        settings = work.section(f"vae.models.{name}", VaeSettings, architecture=work.value(f"vae.run.{name}", str))
        audio, level = work.section("audio", AudioParams), work.value("ingest.level_dbfs", float)
        rate = audio.sample_rate
        training_set = TrainingSet.open(CLIPS, SPLITS)
        sounds = training_sounds(training_set, LABELS, settings.condition, settings.noisy_label_sources, settings.seed)
        modules = ["drumspace.synth.training.vae.train_vae", architectures.module(settings.architecture)]
        checkpoints = checkpoints_of(
            work, training_set, settings, modules, rate=rate, classes=sounds.classes[training_set.rows].tolist()
        )
        model, result = train_vae(
            sounds, settings, rate, audio.num_samples, checkpoints, report_to(work), name, log_audio(work, name, rate)
        )
        work.times["training_seconds"] = result.seconds
        work.times["steps_per_second"] = settings.steps / result.seconds
        if accelerator().is_main_process:
            config = {
                "model": "vae",
                "settings": settings.model_dump(),
                "audio": audio.model_dump(),
                "level_dbfs": level,
                "classes": list(CLASSES),
                "trained_on": len(sounds.rows),
                "labelled_clips": int((sounds.classes[sounds.rows] >= 0).sum()),
                "validation_clips": len(sounds.validation),
            }
            save_model(VAES / name, model, {**config, "step": result.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
