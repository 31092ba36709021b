"""Number of Gaussians of the mixture prior: distance to real sounds against novelty.

    python -m benchmarks.synthesis.mixtures [--work .] [--model vae] [--out reports/benchmarks/mixtures.json]

WORK is a folder in which the pipeline has run: its VAE, clips, judges and settings of priors are used. Mixtures of
more and more Gaussians per class, each of fewer sounds, are fitted to the latents of the training sounds; all judges
evaluate samples of each. For reference: the training sounds themselves, as many of each class, which no model of them
can be expected to surpass; their reconstructions from posterior means; and samples of the run's own mixture without
the fade-out (drumspace.synth.dsp.postprocess).
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
from drumspace.synth.sampling.generator import SoundSet
from drumspace.synth.sampling.posteriors import Posteriors
from drumspace.synth.sampling.sound_files import load_generator
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.synth.training.vae.settings import VaeSettings

NO_FADE = "setting of the run, without fade-out"
GRID = ((2, 24), (4, 12), (8, 6), (16, 4), (32, 2))
"""(most Gaussians per class, fewest sounds per Gaussian)."""


def figures(samples: SoundSet, bench: Bench, trained_on: np.ndarray) -> dict[str, Any]:
    """Figures of all judges, and novelty by the first: 1 is as new as real sounds of other kits."""
    reference = bench.evaluation.first
    points, _ = reference.embed_and_predict(samples.waves)
    return {
        "judges": bench.by_judge(samples),
        "novelty": novelty(points, trained_on, reference.points),
        **bench.evaluation.memorization.measure(samples.waves),
    }


def with_mixture(
    bench: Bench, vae: TrainedVae, posteriors: Posteriors, classes: np.ndarray, components: int, sounds: int
) -> TrainedVae:
    """VAE with a mixture of at most `components` Gaussians per class, each of at least `sounds` sounds."""
    mixture = {**bench.priors.models["mixture"], "components": components, "samples_per_component": sounds}
    params = bench.priors.model_copy(update={"models": {"mixture": mixture}})
    return replace(
        vae, priors=FittedPriors.from_posteriors(params, posteriors, torch.from_numpy(classes)), prior="mixture"
    )


def without_fade(vae: TrainedVae) -> TrainedVae:
    """VAE without the fade-out: no level counts as silence."""
    return replace(vae, config={**vae.config, "audio": {**vae.config["audio"], "silence_dbfs": -150}})


def rows_like(bench: Bench, classes: np.ndarray) -> np.ndarray:
    """Training rows with the class counts of the samples, with repetition where a class has too few."""
    rng = np.random.default_rng(bench.evaluation.params.seed)
    results = []
    for index, count in enumerate(bench.counts):
        members = np.flatnonzero(classes == index)
        if len(members):
            results.append(rng.choice(members, count, replace=len(members) < count))
    return np.concatenate(results)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path())
    parser.add_argument("--model", default="vae")
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/mixtures.json"))
    arguments = parser.parse_args()
    bench = Bench.open(arguments.work)
    entry = vae_entry(arguments.work / "params.yaml", arguments.model)
    classes = bench.class_labels(VaeSettings.model_validate(entry))[bench.generators]
    vae = load_generator(arguments.work / "models", arguments.model, None)
    assert isinstance(vae, TrainedVae)
    reference = bench.evaluation.first
    trained_waves = bench.data.clips.float32(bench.generators)
    trained_on, _ = reference.embed_and_predict(trained_waves)
    posteriors = vae.encode(trained_waves)
    rows = rows_like(bench, classes)
    means = vae.decode(posteriors.mean[rows], class_weights(classes[rows]), bench.evaluation.params.seed)
    results = {
        name: figures(SoundSet(waves, classes[rows], []), bench, trained_on)
        for name, waves in (
            ("training sounds", trained_waves[rows]),
            ("training sounds, reconstructed", np.concatenate(list(means))),
        )
    }
    for components, sounds in GRID:
        samples = bench.samples(with_mixture(bench, vae, posteriors, classes, components, sounds))
        results[f"{components} of {sounds} sounds"] = figures(samples, bench, trained_on)
    results[NO_FADE] = figures(bench.samples(without_fade(vae)), bench, trained_on)
    for name, entry_ in results.items():
        by = ", ".join(f"{judge} {entry['kernel_distance']:.4f}" for judge, entry in entry_["judges"].items())
        print(f"{name}: kernel distance {by}; novelty {entry_['novelty']:.2f}", flush=True)
    header = {"sounds": bench.evaluation.params.sounds, "trained_on": len(classes), "commit": head()}
    write_json(arguments.out, {**header, "mixtures": results})


if __name__ == "__main__":
    main()
