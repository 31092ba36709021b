"""An axis is named by the descriptor that changes along it, on sounds that change in a known way."""

import numpy as np
import pytest
import torch

from drumspace.synth.evaluation.directions import STEPS, build_grid, describe_axes, steadiness
from drumspace.synth.sampling.pca_axes import PcaAxes

RATE = 16000
TIME = np.arange(RATE // 2) / RATE
PITCHES = (100, 150)
"""Hz: pitches of the two starting sounds."""


def tone(pitch: float, seconds: float = 0.05) -> np.ndarray:
    return np.sin(2 * np.pi * pitch * TIME) * np.exp(-TIME / seconds)


def noise(decibels: float, seed: int) -> np.ndarray:
    wave = np.random.default_rng(seed).standard_normal(len(TIME)) * np.exp(-TIME / 0.05)
    return wave * 10 ** (decibels / 20)


EFFECTS = {
    # Each step raises the pitch by half an octave.
    "pitch": lambda pitch, step: tone(pitch * 2 ** (step / 2)),
    # Each step halves the decay time.
    "decay": lambda pitch, step: tone(pitch, 0.05 * 2**-step),
    # Each step adds 6 dB of noise.
    "noisiness": lambda pitch, step: tone(pitch) + noise(6 * step - 20, pitch),
    # Each step raises a partial above the range of pitches by half an octave.
    "brightness": lambda pitch, step: tone(pitch) + tone(3500 * 2 ** (step / 2)),
}
NAMES = {
    "pitch": ("pitch", ["lower", "higher"]),
    "decay": ("decay", ["longer", "shorter"]),
    "noisiness": ("noisiness", ["more tonal", "noisier"]),
    "brightness": ("brightness", ["darker", "brighter"]),
}


@pytest.fixture(scope="module")
def waves() -> np.ndarray:
    """Sounds along one axis for each of EFFECTS: float32 [axes · pitches · steps, T]."""
    sounds = [effect(pitch, step) for effect in EFFECTS.values() for pitch in PITCHES for step in STEPS]
    return np.stack(sounds).astype(np.float32)


def reorder_steps(waves: np.ndarray, order: list[int]) -> np.ndarray:
    """The same sounds with the steps along each axis in another order."""
    return waves.reshape(-1, len(STEPS), len(TIME))[:, order].reshape(waves.shape)


def test_axes_are_named_by_the_descriptor_that_they_change(waves: np.ndarray) -> None:
    axes = describe_axes(waves, len(EFFECTS), RATE)
    assert [axis["axis"] for axis in axes] == [1, 2, 3, 4]
    assert {effect: (axis["name"], axis["words"]) for effect, axis in zip(EFFECTS, axes, strict=True)} == NAMES
    pitch, decay, noisiness, brightness = (axis["changes"] for axis in axes)
    assert pitch["pitch"] == pytest.approx({"per_step": 0.5, "steadiness": 1, "n": 2}, abs=0.01)
    assert decay["decay"] == pytest.approx({"per_step": -1, "steadiness": -1, "n": 2}, abs=0.05)
    assert noisiness["noisiness"]["steadiness"] == pytest.approx(1)
    assert brightness["brightness"]["steadiness"] == pytest.approx(1)
    # Descriptors that do not change have no slope (octaves per step), whatever their rank correlation.
    for constant in (pitch["decay"], decay["pitch"], noisiness["pitch"], noisiness["decay"], brightness["pitch"]):
        assert abs(constant["per_step"]) < 0.02


def test_a_reversed_axis_has_its_words_reversed(waves: np.ndarray) -> None:
    forward, backward = (
        describe_axes(each, len(EFFECTS), RATE) for each in (waves, reorder_steps(waves, [4, 3, 2, 1, 0]))
    )
    for one, other in zip(forward, backward, strict=True):
        assert other["name"] == one["name"] and other["words"] == one["words"][::-1]
        assert other["strength"] == pytest.approx(one["strength"])
        for name, change in one["changes"].items():
            assert other["changes"][name]["per_step"] == pytest.approx(-change["per_step"], abs=1e-9)


def test_shuffled_steps_give_a_weak_direction(waves: np.ndarray) -> None:
    ordered, shuffled = (
        describe_axes(each, len(EFFECTS), RATE) for each in (waves, reorder_steps(waves, [2, 0, 4, 1, 3]))
    )
    for one, other in zip(ordered, shuffled, strict=True):
        assert other["strength"] < 0.15 * one["strength"]
        # The rank correlation of 2, 0, 4, 1, 3 with 0 to 4 is 0.3.
        assert abs(other["changes"][one["name"]]["steadiness"]) == pytest.approx(0.3)


def test_silent_decodings_have_no_direction() -> None:
    (axis,) = describe_axes(np.zeros((len(STEPS), 8000), dtype=np.float32), 1, RATE)
    assert (axis["name"], axis["words"], axis["strength"], axis["changes"]) == (None, None, None, {})


def test_grid_rows_follow_each_axis_from_each_start() -> None:
    axes = PcaAxes(3, 2)
    axes.spread.copy_(torch.tensor([2.0, 1]))
    starts = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
    grid = build_grid(axes, starts, 5)
    assert grid.num_axes == 2
    latents = grid.latents.view(2, 2, len(STEPS), 3)
    for axis, index in np.ndindex(2, 2):
        expected = starts[index].repeat(len(STEPS), 1)
        expected += torch.tensor(STEPS)[:, None] * axes.spread[axis] * axes.directions[axis]
        torch.testing.assert_close(latents[axis, index], expected)
    # Each axis changes its own coordinate, and each row of points passes through its own starting point.
    torch.testing.assert_close(latents[0, 1, :, 0], 1 + 2 * torch.tensor(STEPS))
    assert (latents[0, 1, :, 1:] == 1).all() and (latents[1, 0, :, [0, 2]] == 0).all()
    assert grid.start_index.view(2, 2, -1).tolist() == 2 * [[[0] * len(STEPS), [1] * len(STEPS)]]


def test_steadiness_is_the_share_of_starts_that_agree() -> None:
    rising, falling = [1.0, 2.0, 4.0, 9.0], [4.0, 3.0, 2.0, 1.0]
    assert steadiness(np.array([rising, rising])) == pytest.approx(1)
    assert steadiness(np.array([falling])) == pytest.approx(-1)
    assert steadiness(np.array([rising, falling])) == pytest.approx(0)
    assert steadiness(np.array([rising, [1.0] * 4])) == pytest.approx(0.5)
