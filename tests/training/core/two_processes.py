"""Trains a small network on data that depend on the step; run by test_loop in one process and in two."""

import sys

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from drumspace.training.core.loop import LoopSettings, train

SETTINGS = LoopSettings(
    steps=10, learning_rate=0.05, schedule="cosine", weight_decay=0.0, ema_decay=0.5, validate_every=100,
    checkpoint_every=100, seed=1,
)  # fmt: skip


def loss(model: nn.Module, step: int, rank: int, world: int) -> Tensor:
    """Loss of this process's share of the step's 16 rows."""
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(step))[rank::world]
    return (model(x).squeeze(1) - x.sum(1)).square().mean()


if __name__ == "__main__":
    torch.manual_seed(0)
    result = train(nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)), loss, None, SETTINGS)
    processes = Accelerator()
    if processes.is_main_process:
        torch.save({**result.state, "world": torch.tensor(processes.num_processes)}, sys.argv[1])
