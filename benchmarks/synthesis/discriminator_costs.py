"""Cost of a training step of each discriminator at several widths, relative to a step of the VAE.

    python -m benchmarks.synthesis.discriminator_costs [--batch 16] [--steps 5] [--out FILE]

A step is the discriminator's update (real and generated sounds forward, the loss backward), and its part of the
generator's update: generated sounds forward and backward to the waveforms, real ones forward, for the adversarial and
the feature matching loss. The VAE's step is that of params.yaml's `vae`. All get segments of noise. Figures are
medians.
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
"""Widths of each discriminator, the published one last (multi_resolution_stft: published with complex views at more
resolutions)."""
FIXED: dict[str, dict[str, Any]] = {
    "wavegan": {"layers": 5, "phase_shuffle": 2},
    "multi_scale": {"scales": 3},
    "multi_period": {"periods": [2, 3, 5, 7, 11]},
    "multi_resolution_stft": {"resolutions": [[1024, 256]], "view": "log_mel", "mel_bands": 80},
}


def median_seconds(run: Callable[[], None], steps: int) -> float:
    """Median seconds of `steps` runs, after a warm-up run."""
    run()
    durations = []
    for _ in range(steps):
        start_time = time.perf_counter()
        run()
        durations.append(time.perf_counter() - start_time)
    return float(np.median(durations))


def step_functions(
    discriminator: DiscriminatorSet, batch: int, samples: int
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Functions of a discriminator's update and of its part of the generator's update."""
    real, generated = torch.randn(batch, samples), torch.randn(batch, samples, requires_grad=True)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-4)

    def update() -> None:
        with autocast(real.device):
            fake_outputs, real_outputs = discriminator(generated.detach()), discriminator(real)
            pairs = zip(real_outputs, fake_outputs, strict=True)
            losses = [discriminator_objective("least_squares", a.logits, b.logits) for a, b in pairs]
        torch.stack(losses).mean().backward()
        optimizer.step()
        optimizer.zero_grad()

    def generator_loss() -> None:
        discriminator.requires_grad_(False)
        with autocast(real.device):
            fake_outputs = discriminator(generated)
            with torch.no_grad():
                real_outputs = discriminator(real)
            adversarial_loss = torch.stack(
                [generator_objective("least_squares", each.logits) for each in fake_outputs]
            ).mean()
            loss = adversarial_loss + feature_distance(fake_outputs, real_outputs).mean()
        loss.backward()
        generated.grad = None
        discriminator.requires_grad_(True)

    return update, generator_loss


def step_seconds(settings: VaeGanSettings, sample_rate: int, length: int, steps: int = 5) -> float:
    """Seconds of a step of a VAE-GAN's discriminators: their update and their part of the generator's."""
    samples = length if settings.segment is None else round(settings.segment * sample_rate)
    discriminator = DiscriminatorSet(settings.discriminators, samples, sample_rate)
    return sum(median_seconds(run, steps) for run in step_functions(discriminator, settings.batch_size, samples))


def vae_seconds(settings: VaeSettings, steps: int) -> float:
    """Seconds of a training step of a VAE, from the difference of two trainings after a warm-up.

    The learning rate is low, since so short a training has hardly any learning-rate warm-up.
    """
    pcm = np.random.default_rng(0).normal(0, 3000, (64, LENGTH)).astype(np.int16)
    rows = np.arange(len(pcm))
    sounds = Sounds(pcm.__getitem__, rows, rows[:0], np.full(len(pcm), -1))
    durations = []
    for count in (2, 2, 2 + steps):
        start_time = time.perf_counter()
        train_vae(sounds, settings.model_copy(update={"steps": count, "learning_rate": 1e-5}), RATE, LENGTH)
        durations.append(time.perf_counter() - start_time)
    return (durations[2] - durations[1]) / steps


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("reports/benchmarks/discriminator_costs.json"))
    arguments = parser.parse_args()
    settings = VaeSettings.model_validate(vae_entry(Path("params.yaml"), "vae"))
    settings = settings.model_copy(update={"batch_size": arguments.batch})
    samples = LENGTH if settings.segment is None else round(settings.segment * RATE)
    vae_step = vae_seconds(settings, arguments.steps)
    print(f"vae: {vae_step:.2f} s a step", flush=True)
    results: dict[str, Any] = {
        "batch_size": arguments.batch,
        "samples": samples,
        "threads": torch.get_num_threads(),
        "vae_seconds": vae_step,
        "discriminators": {},
    }
    for name, widths in WIDTHS.items():
        results["discriminators"][name] = {}
        for width in widths:
            discriminator = DiscriminatorSet({name: {"width": width, **FIXED[name]}}, samples, RATE)
            update, generator_loss = (
                median_seconds(run, arguments.steps) for run in step_functions(discriminator, arguments.batch, samples)
            )
            results["discriminators"][name][str(width)] = {
                "parameters": sum(weight.numel() for weight in discriminator.parameters()),
                "update_seconds": update,
                "generator_seconds": generator_loss,
                "ratio": (update + generator_loss) / vae_step,
            }
            print(f"{name}, width {width}: {update:.2f} + {generator_loss:.2f} s", flush=True)
    print(json.dumps(results, indent=2))
    write_json(arguments.out, results)


if __name__ == "__main__":
    main()
