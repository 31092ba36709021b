"""Fit priors to the latents of one VAE's training clips → models/priors/<name>."""

import _lib.bootstrap  # noqa: F401

import sys

import torch
from tqdm import tqdm

from _lib.paths import CLIPS, LABELS, PRIORS, SPLITS, VAES
from _lib.runtime import stage
from drumspace.dataset.access.conditioning_labels import conditioning_labels
from drumspace.dataset.access.training_set import TrainingSet
from drumspace.io.models import save_model
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.posteriors import Posteriors
from drumspace.synth.sampling.settings import PriorParams
from drumspace.synth.sampling.trained_vae import load_vae
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.taxonomy import CLASSES

BLOCK = 512
"""Training clips in memory at a time."""


def main() -> None:
    """Run the stage for the VAE named on the command line."""
    name = sys.argv[1]
    with stage("fit_priors", name) as work:
        params = work.section("priors", PriorParams)
        training_set = TrainingSet.open(CLIPS, SPLITS)
        vae = load_vae(VAES / name)
        settings = VaeSettings.model_validate(vae.config["settings"])
        classes = torch.from_numpy(
            conditioning_labels(training_set.data, LABELS, settings.condition, settings.noisy_label_sources)[
                training_set.rows
            ]
        )
        blocks = [
            vae.encode(training_set.data.clips.float32(training_set.rows[start : start + BLOCK]))
            for start in tqdm(range(0, len(training_set.rows), BLOCK), desc="encode", unit="block")
        ]
        posteriors = Posteriors(
            torch.cat([block.mean for block in blocks]), torch.cat([block.log_variance for block in blocks])
        )
        priors = FittedPriors.from_posteriors(params, posteriors, classes)
        config = {
            "model": "priors",
            "default": params.default,
            "models": params.models,
            "size": vae.size,
            "num_axes": len(priors.pca_axes.spread),
            "classes": list(CLASSES),
            "fitted_to": len(training_set.rows),
        }
        save_model(PRIORS / name, priors, config)


if __name__ == "__main__":
    main()
