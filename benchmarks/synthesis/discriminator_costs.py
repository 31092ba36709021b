"""What a step of each discriminator costs, at several widths, beside a step of the VAE on the same sounds.

    python -m benchmarks.synthesis.discriminator_costs [--batch 16] [--steps 5]

A step is the discriminator's update (real and generated sounds forward, their loss backward) and what the generator's
costs of it: generated sounds forward and backward to the waves, real ones forward, for the
adversarial loss and feature matching.
The VAE's step is that of params.yaml's `vae`, whose segments of noise all are given. Median of the steps.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._lib.vae_entry import vae_entry
from drumspace.io.json_files import write_json
from drumspace.synth.losses.adversarial import discriminator_objective, feature_distance, generator_objective
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.training.vae.batches import Sounds
from drumspace.synth.training.vae.settings import VaeSettings
from drumspace.synth.training.vae.train_vae import train_vae
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.training.core.precision import autocast

RATE, LENGTH = 44_100, 44_100
WIDTHS: dict[str, list[int]] = {
    "wavegan": [8, 16, 32, 64],
    "multi_scale": [4, 8, 16],
    "multi_period": [2, 4, 8, 32],
    "multi_resolution_stft": [4, 8, 16, 32],
}
"""The last of each is the published one; multi_resolution_stft's is of complex spectrograms, at more resolutions."""
FIXED: dict[str, dict[str, Any]] = {
    "wavegan": {"layers": 5, "phase_shuffle": 2},
    "multi_scale": {"scales": 3},
    "multi_period": {"periods": [2, 3, 5, 7, 11]},
    "multi_resolution_stft": {"resolutions": [[1024, 256]], "view": "log_mel", "mel_bands": 80},
}


def median_seconds(run: Callable[[], None], steps: int) -> float:
    """Of `steps` runs, after one that is not counted."""
    run()
    taken = []
    for _ in range(steps):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return float(np.median(taken))


def step_of(discriminator: DiscriminatorSet, batch: int, samples: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """The discriminator's update, and what the generator's costs of it."""
    real, made = torch.randn(batch, samples), torch.randn(batch, samples, requires_grad=True)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-4)

    def update() -> None:
        with autocast(real.device):
            mine, theirs = discriminator(made.detach()), discriminator(real)
            pairs = zip(theirs, mine, strict=True)
            losses = [discriminator_objective("least_squares", a.scores, b.scores) for a, b in pairs]
        torch.stack(losses).mean().backward()
        optimizer.step()
        optimizer.zero_grad()

    def deceive() -> None:
        discriminator.requires_grad_(False)
        with autocast(real.device):
            mine = discriminator(made)
            with torch.no_grad():
                theirs = discriminator(real)
            fooled = torch.stack([generator_objective("least_squares", each.scores) for each in mine]).mean()
            loss = fooled + feature_distance(mine, theirs).mean()
        loss.backward()
        made.grad = None
        discriminator.requires_grad_(True)

    return update, deceive


def cost_of(settings: VaeGanSettings, sample_rate: int, length: int, steps: int = 5) -> float:
    """Seconds that a step costs for the discriminators of a VAE-GAN: theirs and the generator's; median of each."""
    samples = length if settings.segment is None else round(settings.segment * sample_rate)
    discriminator = DiscriminatorSet(settings.discriminators, samples, sample_rate)
    return sum(median_seconds(run, steps) for run in step_of(discriminator, settings.batch_size, samples))


def vae_seconds(settings: VaeSettings, steps: int) -> float:
    """Of a step: the difference of two lengths; before them a training that warms up.

    At a low rate, as so short trainings hardly raise it gently.
    """
    pcm = np.random.default_rng(0).normal(0, 3000, (64, LENGTH)).astype(np.int16)
    rows = np.arange(len(pcm))
    sounds = Sounds(pcm.__getitem__, rows, rows[:0], np.full(len(pcm), -1))
    taken = []
    for count in (2, 2, 2 + steps):
        begin = time.perf_counter()
        train_vae(sounds, settings.model_copy(update={"steps": count, "learning_rate": 1e-5}), RATE, LENGTH)
        taken.append(time.perf_counter() - begin)
    return (taken[2] - taken[1]) / steps


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/discriminators.json"))
    arguments = parser.parse_args()
    settings = VaeSettings.model_validate(vae_entry(Path("params.yaml"), "vae"))
    settings = settings.model_copy(update={"batch_size": arguments.batch})
    samples = LENGTH if settings.segment is None else round(settings.segment * RATE)
    beside = vae_seconds(settings, arguments.steps)
    print(f"vae: {beside:.2f} s a step", flush=True)
    found: dict[str, Any] = {
        "batch_size": arguments.batch,
        "samples": samples,
        "threads": torch.get_num_threads(),
        "vae_seconds": beside,
        "discriminators": {},
    }
    for name, widths in WIDTHS.items():
        found["discriminators"][name] = {}
        for width in widths:
            discriminator = DiscriminatorSet({name: {"width": width, **FIXED[name]}}, samples, RATE)
            update, deceive = (
                median_seconds(run, arguments.steps) for run in step_of(discriminator, arguments.batch, samples)
            )
            found["discriminators"][name][str(width)] = {
                "parameters": sum(weight.numel() for weight in discriminator.parameters()),
                "update_seconds": update,
                "deceive_seconds": deceive,
                "ratio": (update + deceive) / beside,
            }
            print(f"{name}, width {width}: {update:.2f} + {deceive:.2f} s", flush=True)
    print(json.dumps(found, indent=2))
    write_json(arguments.out, found)


if __name__ == "__main__":
    main()
