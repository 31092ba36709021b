"""Train one VAE-GAN of params.yaml on the clips that its VAE was trained on: models/vae/<name>.

`accelerate launch stages/train_vaegan.py NAME` trains on several devices.
"""

import _lib.bootstrap  # noqa: F401

import sys

from _lib.paths import CLIPS, LABELS, PARAMS, PRIORS, SPLITS, VAES
from _lib.runtime import stage
from _lib.training import checkpoints_of, log_audio, report_to
from drumspace.audio.format.settings import AudioParams
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.io.models import save_model
from drumspace.io.settings import read_yaml
from drumspace.synth.models.discriminator import discriminator_set as discriminators
from drumspace.synth.models.vae import registry as architectures
from drumspace.synth.sampling.fitted_priors import load_priors
from drumspace.synth.sampling.latent_sources import build_latent_source
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.training_sounds import training_sounds
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.synth.training.vaegan.train_vaegan import STRATEGIES, train_vaegan
from drumspace.synth.training.vaegan.warm_start import load_start, weights_digest
from drumspace.training.core.precision import accelerator


def main() -> None:
    """Run the stage for the VAE-GAN named on the command line."""
    name = sys.argv[1]
    with stage("train_vaegan", name) as work:
        start = read_yaml(PARAMS)["vaegan"]["starts_from"]
        settings = work.section(f"vaegan.models.{name}", VaeGanSettings)
        own = work.section(f"vae.models.{start}", VaeSettings, architecture=work.value(f"vae.run.{start}", str))
        audio = work.section("audio", AudioParams)
        work.run.params({"vaegan.starts_from": start})
        vae, config = load_start(VAES / start, own, audio, settings.warm_start, settings.seed)
        source = build_latent_source(settings.latents, load_priors(PRIORS / start))
        training_set = TrainingSet.open(CLIPS, SPLITS)
        sounds = training_sounds(training_set, LABELS, own.condition, own.noisy_label_sources, own.seed)
        modules = [
            "drumspace.synth.training.vaegan.train_vaegan",
            "drumspace.synth.training.vaegan.warm_start",
            STRATEGIES.module(settings.strategy),
            architectures.module(own.architecture),
            *map(discriminators.module, settings.discriminators),
        ]
        checkpoints = checkpoints_of(
            work, training_set, settings, modules, vae=own.model_dump(), weights=config["initial_weights"],
            audio=audio.model_dump(), priors=weights_digest(PRIORS / start),
            classes=sounds.classes[training_set.rows].tolist(),
        )  # fmt: skip
        vae, result = train_vaegan(vae, own, sounds, settings, audio, source, checkpoints, report_to(work), name,
                                   log_audio(work, name, audio.sample_rate))  # fmt: skip
        work.times["training_seconds"] = result.training.seconds
        work.times["steps_per_second"] = settings.steps / result.training.seconds
        if accelerator().is_main_process:
            save_model(VAES / name, vae, {
                **config,
                "model": "vaegan",
                "starts_from": start,
                "adversarial": settings.model_dump(),
                "adversarial_step": result.training.step,
                "discriminator_parameters": result.discriminator_parameters,
                "collapsed_at": result.collapsed_at,
                "history": [{"step": step, **values} for step, values in reported_values(result.training.history)],
            })  # fmt: skip
            checkpoints.clear()


def reported_values(history: list[tuple[int, dict[str, float]]]) -> list[tuple[int, dict[str, float]]]:
    """Values of each validation that the report needs."""
    names = ("validation_reconstruction", "samples_kernel_distance", "samples_coverage", "samples_diversity",
             "collapsed")  # fmt: skip
    return [(step, {name: values[name] for name in names}) for step, values in history]


if __name__ == "__main__":
    main()
