"""The collapse monitor detects repeated sounds and accepts varied ones."""

import numpy as np
import torch
from torch import Tensor

from drumspace.synth.training.vaegan.collapse_monitor import CollapseMonitor, collapse_step, texture
from small_vae import RATE, drums


def parts() -> tuple[Tensor, Tensor]:
    waves = torch.from_numpy(drums()[0])
    return waves[::2], waves[1::2]


def test_real_sounds_are_near_noise_is_far_and_one_repeated_sound_is_a_collapse() -> None:
    real, others = parts()
    monitor = CollapseMonitor.fit(real, others, RATE)
    near, far = monitor.figures(others), monitor.figures(torch.rand(len(real), real.shape[1]) * 2 - 1)
    assert near["samples_coverage"] == monitor.floor > 0.5
    assert near["samples_kernel_distance"] < 0.1 * far["samples_kernel_distance"]
    assert 0.8 < near["samples_diversity"] < 1.25
    assert not monitor.is_collapsed(near)
    torch.manual_seed(0)
    repeated_sound = others[:1] + 0.001 * torch.randn(len(real), 1) * others[:1]
    assert monitor.is_collapsed(monitor.figures(repeated_sound))
    # Samples far from the real sounds have no coverage, but they are a collapse only if they are alike.
    elsewhere = {**near, "samples_coverage": 0.0, "samples_precision": 0.0}
    assert not monitor.is_collapsed(elsewhere)
    assert monitor.is_collapsed({**elsewhere, "samples_precision": 0.9})


def test_texture_distance_detects_noise_ratio_at_equal_levels() -> None:
    time = torch.arange(44100) / 44100
    steady = torch.sin(2 * np.pi * 1000 * time).expand(1, -1)
    uneven = steady * (1 + 0.9 * torch.sin(2 * np.pi * 20 * time))
    # Each part holds the means first, then the spreads.
    spreads = [texture(wave, 44100).reshape(6, 2, 64)[:, 1].max(axis=1) for wave in (steady, uneven)]
    assert bool((spreads[0][1:-1] < 0.5).all()) and bool((spreads[1] > 3).all())


def test_a_collapse_starts_at_the_first_of_its_lasting_steps() -> None:
    assert collapse_step([(10, True), (20, False), (30, True), (40, True)]) == 30
    assert collapse_step([(10, True), (20, True)]) == 10
    assert collapse_step([(10, True), (20, False)]) is None
    assert collapse_step([]) is None
