"""One VAE-GAN of params.yaml: a VAE against discriminators, on the clips that the VAE learned from: models/vae/<name>.

`accelerate launch stages/train_vaegan.py NAME` trains on several devices.
"""

import here  # noqa: F401

import sys

from common import PARAMS, stage
from drumspace.audio.params import AudioParams
from drumspace.params import plain, read_yaml
from drumspace.synth.fitted_priors import load_priors
from drumspace.synth.latent_sources import source_of
from drumspace.synth.start import digest, start_of
from drumspace.synth.train_vaegan import strategy_of, train_vaegan
from drumspace.synth.vae_params import VaeSettings
from drumspace.synth.vaegan_params import VaeGanSettings
from drumspace.training.precision import accelerator
from generator_data import Training
from saved import save_model
from synthesis_paths import PRIORS, VAES
from vae_data import listener, sounds_of


def main() -> None:
    """Run the stage for the VAE-GAN named on the command line."""
    name = sys.argv[1]
    with stage("train_vaegan", name) as work:
        begun = plain(read_yaml(PARAMS)["vaegan"]["starts_from"])
        settings = work.section(f"vaegan.models.{name}", VaeGanSettings)
        own = work.section(f"vae.models.{begun}", VaeSettings)
        audio = work.section("audio", AudioParams)
        work.run.params({"vaegan.starts_from": begun})
        vae, config = start_of(VAES / begun, own, audio, settings.warm_start, settings.seed)
        source = source_of(settings.latents, load_priors(PRIORS / begun))
        of = Training.open(work)
        sounds = sounds_of(of, own.condition, own.distrusted, own.seed)
        strategy_of(settings)
        checkpoints = of.checkpoints(
            settings, vae=own.model_dump(), weights=config["begun_from"], audio=audio.model_dump(),
            priors=digest(PRIORS / begun), classes=sounds.classes[of.rows].tolist(),
        )  # fmt: skip
        vae, trained = train_vaegan(
            vae, own, sounds, settings, audio, source, checkpoints, of.report, name,
            listener(work, name, audio.sample_rate),
        )  # fmt: skip
        work.times["training_seconds"] = trained.played.seconds
        work.times["steps_per_second"] = settings.steps / trained.played.seconds
        if accelerator().is_main_process:
            save_model(
                VAES / name,
                vae,
                {
                    **config,
                    "model": "vaegan",
                    "starts_from": begun,
                    "adversarial": settings.model_dump(),
                    "adversarial_step": trained.played.step,
                    "discriminator_parameters": trained.discriminator_parameters,
                    "collapsed_at": trained.collapsed_at,
                    "history": [{"step": step, **values} for step, values in watched(trained.played.history)],
                },
            )
            checkpoints.clear()


def watched(history: list[tuple[int, dict[str, float]]]) -> list[tuple[int, dict[str, float]]]:
    """Of each validation what the report shows."""
    names = (
        "validation_reconstruction",
        "samples_kernel_distance",
        "samples_coverage",
        "samples_diversity",
        "collapsed",
    )
    return [(step, {name: values[name] for name in names}) for step, values in history]


if __name__ == "__main__":
    main()
