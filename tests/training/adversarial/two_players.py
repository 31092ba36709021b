"""Trains a small GAN on data that depend on the step; run by test_loop in one process and in two."""

import os
import sys

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from drumspace.training.adversarial.loop import train_adversarial
from drumspace.training.adversarial.settings import AdversarialSettings

SETTINGS = AdversarialSettings(
    steps=10, discriminator_steps=2, generator_rate=0.02, discriminator_rate=0.02, betas=(0.5, 0.9), optimizer="adam",
    schedule="cosine", ema_decay=0.5, validate_every=100, checkpoint_every=100, seed=1,
)  # fmt: skip


def draw(step: int, update: int, rank: int, world: int) -> tuple[Tensor, Tensor]:
    """Real rows and latents of this process, its share of 16 each."""
    rng = torch.Generator().manual_seed(step * 100 + update)
    return (torch.randn(16, 4, generator=rng) + 1)[rank::world], torch.randn(16, 3, generator=rng)[rank::world]


def discriminator_loss(
    generator: nn.Module, discriminator: nn.Module, step: int, update: int, rank: int, world: int
) -> tuple[Tensor, dict[str, float]]:
    """WGAN loss with a gradient penalty, since second derivatives are the difficult part of distributed training."""
    real, latent = draw(step, update, rank, world)
    real.requires_grad_()
    scores = discriminator(real)
    (slope,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
    return discriminator(generator(latent)).mean() - scores.mean() + (slope.norm(dim=1) - 1).square().mean(), {}


def generator_loss(
    generator: nn.Module, discriminator: nn.Module, step: int, update: int, rank: int, world: int
) -> tuple[Tensor, dict[str, float]]:
    """WGAN loss of the generator."""
    return -discriminator(generator(draw(step, update, rank, world)[1])).mean(), {}


if __name__ == "__main__":
    # Each process has different weights; those of the first process must be copied to the others.
    torch.manual_seed(int(os.environ.get("RANK", "0")))
    players = nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    result = train_adversarial(*players, discriminator_loss, generator_loss, SETTINGS)
    processes = Accelerator()
    torch.save(
        {**result.state, **{f"discriminator.{name}": value for name, value in result.discriminator_state.items()}},
        f"{sys.argv[1]}-{processes.num_processes}-{processes.process_index}.pt",
    )
