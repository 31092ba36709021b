"""How finely a mixture may follow the latents: nearer to real sounds, and nearer to those learned from.

    python -m benchmarks.synthesis.mixtures [--work .] [--model vae] [--out reports/benchmarks/mixtures.json]

WORK is a folder in which the pipeline has run: its VAE, clips, judges and priors' settings are used. Mixtures of more
and more Gaussians a class, each of fewer sounds, are fitted to the latents of the sounds that the VAE learned from;
sounds drawn from each are heard by all judges. Beside them: as many of those sounds of each class, as they are, which
no model of them can be asked to surpass, and made anew from their posteriors' means; then what sounds of the run's own
mixture would be if they did not end (drumspace.synth.dsp.postprocess).
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._lib.git import head
from benchmarks._lib.trained_generators import Bench
from benchmarks._lib.vae_entry import vae_entry
from drumspace.io.json_files import write_json
from drumspace.metrics.generation.diversity import novelty
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.fitted_priors import FittedPriors
from drumspace.synth.sampling.generator import Drawn
from drumspace.synth.sampling.posteriors import Posteriors
from drumspace.synth.sampling.sound_files import load_generator
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.synth.training.vae.settings import VaeSettings

ENDLESS = "as the run has it, sounds left as they die away"
GRID = ((2, 24), (4, 12), (8, 6), (16, 4), (32, 2))
"""Gaussians a class at most, and sounds that each has at least."""


def figures(drawn: Drawn, bench: Bench, trained_on: np.ndarray) -> dict[str, Any]:
    """As the judges hear sounds, and how new they are to the first: 1 is as new as real sounds of other kits."""
    reference = next(iter(bench.judging.references.values()))
    points, _ = reference.hear(drawn.waves)
    return {
        "judges": bench.by_judge(drawn),
        "novelty": novelty(points, trained_on, reference.points),
        **bench.judging.copies.of(drawn.waves),
    }


def fitted(
    bench: Bench, vae: TrainedVae, posteriors: Posteriors, classes: np.ndarray, components: int, sounds: int
) -> TrainedVae:
    """With a mixture of so many Gaussians, each of so many sounds at least."""
    mixture = {**bench.priors.models["mixture"], "components": components, "samples_per_component": sounds}
    params = bench.priors.model_copy(update={"models": {"mixture": mixture}})
    return replace(vae, priors=FittedPriors.fitted(params, posteriors, torch.from_numpy(classes)), prior="mixture")


def endless(vae: TrainedVae) -> TrainedVae:
    """The same, whose sounds are left as they die away: nothing is silence to it."""
    return replace(vae, config={**vae.config, "audio": {**vae.config["audio"], "silence_dbfs": -150}})


def rows_like(bench: Bench, classes: np.ndarray) -> np.ndarray:
    """Of sounds that the VAE learned from as many of each class as are drawn, some again where they are too few."""
    rng = np.random.default_rng(bench.judging.params.seed)
    found = []
    for index, count in enumerate(bench.counts):
        own = np.flatnonzero(classes == index)
        if len(own):
            found.append(rng.choice(own, count, replace=len(own) < count))
    return np.concatenate(found)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--model", default="vae")
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/mixtures.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    entry = vae_entry(arguments.work / "params.yaml", arguments.model)
    classes = bench.told(VaeSettings.model_validate(entry))[bench.generators]
    vae = load_generator(arguments.work / "models", arguments.model, None)
    assert isinstance(vae, TrainedVae)
    reference = next(iter(bench.judging.references.values()))
    learned_from = bench.data.clips.float32(bench.generators)
    trained_on, _ = reference.hear(learned_from)
    posteriors = vae.encode(learned_from)
    rows = rows_like(bench, classes)
    means = vae.decode(posteriors.mean[rows], class_weights(classes[rows]), bench.judging.params.seed)
    found = {
        name: figures(Drawn(waves, classes[rows], []), bench, trained_on)
        for name, waves in (
            ("sounds learned from", learned_from[rows]),
            ("sounds learned from, made anew", np.concatenate(list(means))),
        )
    }
    for components, sounds in GRID:
        drawn = bench.drawn(fitted(bench, vae, posteriors, classes, components, sounds))
        found[f"{components} of {sounds} sounds"] = figures(drawn, bench, trained_on)
    found[ENDLESS] = figures(bench.drawn(endless(vae)), bench, trained_on)
    for name, of in found.items():
        by = ", ".join(f"{judge} {entry['kernel_distance']:.4f}" for judge, entry in of["judges"].items())
        print(f"{name}: kernel distance {by}; novelty {of['novelty']:.2f}", flush=True)
    told = {"sounds": bench.judging.params.sounds, "learned_from": len(classes), "commit": head()}
    write_json(arguments.out, {**told, "mixtures": found})


if __name__ == "__main__":
    main()
