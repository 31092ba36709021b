"""An axis is named by what it changes in sounds made to change so."""

import numpy as np
import torch

from drumspace.synth.evaluation.directions import STEPS, directions_of, grid_of
from drumspace.synth.sampling.pca_axes import Axes

RATE = 16000


def decaying(pitch: float, seconds: float) -> np.ndarray:
    time = np.arange(RATE // 2) / RATE
    return (np.sin(2 * np.pi * pitch * time) * np.exp(-time / seconds)).astype(np.float32)


def test_axes_are_named_by_what_they_change() -> None:
    higher = [decaying(place * 2 ** (step / 2), 0.05) for place in (100, 150) for step in STEPS]
    shorter = [decaying(place, 0.05 * 2**-step) for place in (100, 150) for step in STEPS]
    first, second = directions_of(np.stack(higher + shorter), 2, RATE)
    assert first["axis"] == 1
    assert first["words"][1] in ("higher", "brighter")
    assert abs(first["changes"]["pitch"]["per_step"] - 0.5) < 0.05
    assert first["changes"]["pitch"]["steadiness"] > 0.99
    assert second["name"] == "decay" and second["words"] == ["longer", "shorter"]
    assert abs(second["changes"]["decay"]["per_step"] + 1) < 0.2


def test_silence_has_no_direction() -> None:
    (found,) = directions_of(np.zeros((len(STEPS), 8000), dtype=np.float32), 1, RATE)
    assert found["name"] is None and found["changes"] == {}


def test_a_grid_walks_each_axis_from_each_place() -> None:
    axes = Axes(3, 2)
    axes.spread.copy_(torch.tensor([2.0, 1]))
    places = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
    grid = grid_of(axes, places, 5)
    assert grid.axes == 2
    latents = grid.latents.view(2, 2, len(STEPS), 3)
    torch.testing.assert_close(latents[0, 1, :, 0], 1 + 2 * torch.tensor(STEPS))
    torch.testing.assert_close(latents[1, 0, :, 1], torch.tensor(STEPS))
    assert grid.places.view(2, 2, -1)[1, 1].unique().tolist() == [1]
