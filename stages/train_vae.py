"""One VAE of params.yaml on the generators' clips: models/vae/<name>.

`accelerate launch stages/train_vae.py NAME` trains on several devices.
"""

import here  # noqa: F401

import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from common import stage
from drumspace.artifacts import CLASSES
from drumspace.audio.params import AudioParams
from drumspace.dataset.roles import hold_out_kits
from drumspace.dataset.told_classes import told_classes
from drumspace.synth.batches import Sounds
from drumspace.synth.train_vae import train_vae
from drumspace.synth.vae_params import VaeSettings
from drumspace.training.precision import accelerator
from generator_data import Training
from map_paths import LABELS
from saved import save_model
from synthesis_paths import VAES

FOLDS = 10
"""Of the generators' kits, one in so many is not learned from: it watches the training and chooses the step."""


def main() -> None:
    """Run the stage for the VAE named on the command line."""
    name = sys.argv[1]
    with stage("train_vae", name) as work:
        settings = work.section(f"vae.models.{name}", VaeSettings)
        audio, level = work.section("audio", AudioParams), work.value("ingest.level_dbfs", float)
        rate = audio.sample_rate
        of = Training.open(work)
        classes = told_classes(of.data, LABELS, settings.condition, settings.distrusted)
        kits = of.data.catalog["kit"].to_numpy()[of.rows]
        held = hold_out_kits(kits, of.data.labels[of.rows] + 1, FOLDS, settings.seed)
        sounds = Sounds(of.pcm, of.rows[~held], of.rows[held], classes)
        checkpoints = of.checkpoints(settings, rate=rate, classes=classes[of.rows].tolist())

        def listen(step: int, pairs: np.ndarray) -> None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"{name}-{step:07d}.flac"
                soundfile.write(path, pairs.reshape(-1), rate)
                work.run.figure(path)

        model, trained = train_vae(sounds, settings, rate, audio.num_samples, checkpoints, of.report, name, listen)
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
                "with_class": int((classes[sounds.rows] >= 0).sum()),
                "watched_by": len(sounds.validation),
            }
            save_model(VAES / name, model, {**config, "step": trained.step})
            checkpoints.clear()


if __name__ == "__main__":
    main()
