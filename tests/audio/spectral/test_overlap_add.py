"""Overlap-add sums frames at their positions; its gradient equals that of the sum."""

import pytest
import torch

from drumspace.audio.spectral.overlap_add import overlap_add, sum_frames


def test_frames_are_added_at_their_positions() -> None:
    frames = torch.arange(1.0, 7).view(1, 2, 3)
    torch.testing.assert_close(overlap_add(frames, 2), torch.tensor([[1.0, 2, 7, 5, 6]]))
    torch.testing.assert_close(sum_frames(frames, 2, 7), torch.tensor([[1.0, 2, 7, 5, 6, 0, 0]]))


@pytest.mark.parametrize(("size", "hop"), [(6, 2), (7, 3), (4, 4), (3, 5)])
def test_gradients_equal_those_of_the_sum(size: int, hop: int) -> None:
    frames = torch.randn(2, 5, size, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda values: overlap_add(values, hop), frames)
