"""Overlap-add of frames, one hop at a time, with a backward pass of its own."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad


def sum_frames(frames: Tensor, hop_length: int, length: int) -> Tensor:
    """Overlap-add without gradient: frames [B, F, n] at every `hop_length` samples → [B, length]."""
    batch, count, size = frames.shape
    steps = -(-size // hop_length)
    frames = pad(frames, (0, steps * hop_length - size)).view(batch, count, steps, hop_length)
    total = frames.new_zeros(batch, count + steps, hop_length)
    for step in range(steps):
        total[:, step : step + count] += frames[:, :, step]
    flat = total.view(batch, -1)
    missing = length - flat.shape[1]
    return pad(flat, (0, missing)) if missing > 0 else flat[:, :length]


class _OverlapAdd(torch.autograd.Function):
    """Autograd function of `overlap_add`."""

    @staticmethod
    def forward(ctx: Any, frames: Tensor, hop_length: int) -> Tensor:
        ctx.sizes = frames.shape[2], hop_length
        return sum_frames(frames, hop_length, (frames.shape[1] - 1) * hop_length + frames.shape[2])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0].unfold(1, *ctx.sizes), None


def overlap_add(frames: Tensor, hop_length: int) -> Tensor:
    """Sum overlapping frames [B, F, n] at every `hop_length` samples: [B, (F - 1) · hop_length + n]."""
    summed: Tensor = _OverlapAdd.apply(frames, hop_length)  # type: ignore[no-untyped-call]
    return summed
