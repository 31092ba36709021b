"""An axis is named by the descriptor that changes along it, on sounds that change in a known way."""

import numpy as np
import pytest
import torch

from drumspace.synth.evaluation.directions import STEPS, build_grid, describe_axes, steadiness
from drumspace.synth.sampling.pca_axes import PcaAxes

RATE = 16000


def decaying(pitch: float, seconds: float) -> np.ndarray:
    time = np.arange(RATE // 2) / RATE
    return (np.sin(2 * np.pi * pitch * time) * np.exp(-time / seconds)).astype(np.float32)


def test_axes_are_named_by_the_descriptor_that_they_change() -> None:
    higher = [decaying(pitch_hz * 2 ** (step / 2), 0.05) for pitch_hz in (100, 150) for step in STEPS]
    shorter = [decaying(pitch_hz, 0.05 * 2**-step) for pitch_hz in (100, 150) for step in STEPS]
    first, second = describe_axes(np.stack(higher + shorter), 2, RATE)
    assert first["axis"] == 1
    assert first["words"][1] in ("higher", "brighter")
    assert abs(first["changes"]["pitch"]["per_step"] - 0.5) < 0.05
    assert first["changes"]["pitch"]["steadiness"] > 0.99
    assert second["name"] == "decay" and second["words"] == ["longer", "shorter"]
    assert abs(second["changes"]["decay"]["per_step"] + 1) < 0.2


def test_silent_decodings_have_no_direction() -> None:
    (axis_metrics,) = describe_axes(np.zeros((len(STEPS), 8000), dtype=np.float32), 1, RATE)
    assert axis_metrics["name"] is None and axis_metrics["changes"] == {}


def test_grid_rows_follow_each_axis_from_each_start() -> None:
    axes = PcaAxes(3, 2)
    axes.spread.copy_(torch.tensor([2.0, 1]))
    starts = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
    grid = build_grid(axes, starts, 5)
    assert grid.num_axes == 2
    latents = grid.latents.view(2, 2, len(STEPS), 3)
    torch.testing.assert_close(latents[0, 1, :, 0], 1 + 2 * torch.tensor(STEPS))
    torch.testing.assert_close(latents[1, 0, :, 1], torch.tensor(STEPS))
    assert grid.start_index.view(2, 2, -1)[1, 1].unique().tolist() == [1]


def test_steadiness_is_the_share_of_starts_that_agree() -> None:
    rising, falling = [1.0, 2.0, 4.0, 9.0], [4.0, 3.0, 2.0, 1.0]
    assert steadiness(np.array([rising, rising])) == pytest.approx(1)
    assert steadiness(np.array([falling])) == pytest.approx(-1)
    assert steadiness(np.array([rising, falling])) == pytest.approx(0)
    assert steadiness(np.array([rising, [1.0] * 4])) == pytest.approx(0.5)
