"""A flow from N(0, I) to the encoder's latents, by flow matching (Lipman et al. 2023), one network for all classes."""

import math

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.io.settings import Params

FREQUENCIES = 8
"""Sines and cosines that tell the time."""


class Settings(Params):
    """The network and its training."""

    width: int = Field(ge=1)
    layers: int = Field(ge=1)
    """Hidden layers, each with a shortcut."""
    steps: int = Field(ge=1)
    """Of training."""
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    moves: int = Field(ge=1)
    """Of a sample, from noise to a latent."""
    null_share: float = Field(ge=0, le=1)
    """Of latents that are learned without their class, so that none can be asked for."""


class Prior(nn.Module):
    """Draws from where a velocity field carries N(0, I) in a unit of time."""

    centre: Tensor
    spread: Tensor

    def __init__(self, settings: Settings, latent: int, classes: int) -> None:
        """`classes` and one for none."""
        super().__init__()
        self.settings = settings
        self.begin = nn.Linear(latent + 2 * FREQUENCIES, settings.width)
        self.classes = nn.Embedding(classes + 1, settings.width)
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(settings.width), nn.Linear(settings.width, settings.width), nn.SiLU())
            for _ in range(settings.layers)
        )
        self.end = nn.Linear(settings.width, latent)
        self.register_buffer("centre", torch.zeros(latent))
        self.register_buffer("spread", torch.ones(latent))

    def forward(self, place: Tensor, time: Tensor, index: Tensor) -> Tensor:
        """Velocity [B, latent] at `place` [B, latent] (standardised) and `time` [B] in [0, 1], of classes [B]."""
        angle = time[:, None] * math.pi * torch.arange(1, FREQUENCIES + 1, device=time.device)
        values = self.begin(torch.cat([place, angle.sin(), angle.cos()], dim=1)) + self.classes(index)
        for layer in self.hidden:
            values = values + layer(values)
        return self.end(values)

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Latents [n, latent] drawn from posteriors; class indices [n], -1 for none."""
        self.centre.copy_(latents.mean(dim=0))
        self.spread.copy_(latents.std(dim=0).clamp(min=1e-6))
        target = (latents - self.centre) / self.spread
        none = self.classes.num_embeddings - 1
        kinds = torch.where(classes < 0, none, classes)
        generator = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.settings.learning_rate, weight_decay=0.0)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.settings.steps)
        self.train()
        for _ in range(self.settings.steps):
            rows = torch.randint(len(target), (self.settings.batch_size,), generator=generator)
            time = torch.rand(len(rows), generator=generator)
            noise = torch.randn(len(rows), target.shape[1], generator=generator)
            hidden = torch.rand(len(rows), generator=generator) < self.settings.null_share
            # On the straight line from a noise to a latent, the velocity is their difference.
            place = (1 - time[:, None]) * noise + time[:, None] * target[rows]
            velocity = self(place, time, torch.where(hidden, none, kinds[rows]))
            loss = functional.mse_loss(velocity, target[rows] - noise)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        self.eval()

    @torch.no_grad()
    def sample(self, index: int, count: int, generator: torch.Generator) -> Tensor:
        """[count, latent] of class `index`; -1: of any sound. Midpoint steps."""
        place = torch.randn(count, len(self.centre), generator=generator)
        kinds = torch.full((count,), index % self.classes.num_embeddings)
        step = 1 / self.settings.moves
        for move in range(self.settings.moves):
            time = torch.full((count,), move * step)
            middle = place + 0.5 * step * self(place, time, kinds)
            place = place + step * self(middle, time + 0.5 * step, kinds)
        return self.centre + self.spread * place
