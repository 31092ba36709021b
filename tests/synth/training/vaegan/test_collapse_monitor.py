import numpy as np
import torch
from torch import Tensor

from drumspace.synth.training.vaegan.collapse_monitor import CollapseMonitor, collapse_step, texture
from small_vae import RATE, drums


def parts() -> tuple[Tensor, Tensor]:
    waves = torch.from_numpy(drums()[0])
    return waves[::2], waves[1::2]


def test_real_sounds_are_near_noise_is_far_and_one_sound_is_a_collapse() -> None:
    real, others = parts()
    watch = CollapseMonitor.fit(real, others, RATE)
    near, far = watch.figures(others), watch.figures(torch.rand(len(real), real.shape[1]) * 2 - 1)
    assert near["samples_coverage"] == watch.floor > 0.5
    assert near["samples_kernel_distance"] < 0.1 * far["samples_kernel_distance"]
    assert 0.8 < near["samples_diversity"] < 1.25
    assert not watch.is_collapsed(near)
    torch.manual_seed(0)
    one = others[:1] + 0.001 * torch.randn(len(real), 1) * others[:1]
    assert watch.is_collapsed(watch.figures(one))
    # What lies elsewhere covers nothing: that is no collapse as long as its sounds differ.
    elsewhere = {**near, "samples_coverage": 0.0, "samples_precision": 0.0}
    assert not watch.is_collapsed(elsewhere)
    assert watch.is_collapsed({**elsewhere, "samples_precision": 0.9})


def test_texture_hears_grain_where_levels_are_the_same() -> None:
    time = torch.arange(44100) / 44100
    steady = torch.sin(2 * np.pi * 1000 * time).expand(1, -1)
    uneven = steady * (1 + 0.9 * torch.sin(2 * np.pi * 20 * time))
    # Of each part means stand first, then spreads.
    spreads = [texture(wave, 44100).reshape(6, 2, 64)[:, 1].max(axis=1) for wave in (steady, uneven)]
    assert bool((spreads[0][1:-1] < 0.5).all()) and bool((spreads[1] > 3).all())


def test_a_collapse_begins_where_it_lasts_from() -> None:
    assert collapse_step([(10, True), (20, False), (30, True), (40, True)]) == 30
    assert collapse_step([(10, True), (20, True)]) == 10
    assert collapse_step([(10, True), (20, False)]) is None
    assert collapse_step([]) is None
