"""Where latents of one VAE lie: priors fitted to those of the sounds it learned from: models/priors/<name>."""

import here  # noqa: F401

import sys

import torch
from tqdm import tqdm

from common import stage
from drumspace.artifacts import CLASSES
from drumspace.dataset.told_classes import told_classes
from drumspace.synth.fitted_priors import FittedPriors
from drumspace.synth.posteriors import Posteriors
from drumspace.synth.prior_params import PriorParams
from drumspace.synth.trained_vae import load_vae
from drumspace.synth.vae_params import VaeSettings
from generator_data import Training
from map_paths import LABELS
from saved import save_model
from synthesis_paths import PRIORS, VAES

BLOCK = 512
"""Clips in memory at a time."""


def main() -> None:
    """Run the stage for the VAE named on the command line."""
    name = sys.argv[1]
    with stage("fit_priors", name) as work:
        params = work.section("priors", PriorParams)
        of = Training.open(work)
        vae = load_vae(VAES / name)
        told = VaeSettings.model_validate(vae.config["settings"])
        classes = torch.from_numpy(told_classes(of.data, LABELS, told.condition, told.distrusted)[of.rows])
        blocks = [
            vae.encode(of.data.clips.float32(of.rows[begin : begin + BLOCK]))
            for begin in tqdm(range(0, len(of.rows), BLOCK), desc="encode", unit="block")
        ]
        posteriors = Posteriors(
            torch.cat([block.mean for block in blocks]), torch.cat([block.log_variance for block in blocks])
        )
        priors = FittedPriors.fitted(params, posteriors, classes)
        config = {
            "model": "priors",
            "use": params.use,
            "models": params.models,
            "size": vae.size,
            "axes": len(priors.axes.spread),
            "classes": list(CLASSES),
            "fitted_to": len(of.rows),
        }
        save_model(PRIORS / name, priors, config)


if __name__ == "__main__":
    main()
