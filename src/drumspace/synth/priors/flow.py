"""Normalising-flow prior: carries N(0, I) to the latents, trained by flow matching (Lipman et al. 2023)."""

import math

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from drumspace.io.settings import Params

FREQUENCIES = 8
"""Sine and cosine pairs that encode the time."""


class Settings(Params):
    """The velocity network, its training and the integration of its samples."""

    width: int = Field(ge=1)
    layers: int = Field(ge=1)
    """Residual hidden layers."""
    steps: int = Field(ge=1)
    """Training steps."""
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    num_steps: int = Field(ge=1)
    """Midpoint steps by which a sample is integrated from noise to a latent."""
    label_dropout: float = Field(ge=0, le=1)
    """Share of training latents whose class is replaced by 'no class', so that samples of no class can be drawn."""


class Prior(nn.Module):
    """Class-conditional flow: integrates a learned velocity field over time 0 to 1, starting from N(0, I)."""

    centre: Tensor
    spread: Tensor

    def __init__(self, settings: Settings, latent: int, classes: int) -> None:
        """Velocity network over `latent` dimensions for `classes` classes and for no class."""
        super().__init__()
        self.settings = settings
        self.project_in = nn.Linear(latent + 2 * FREQUENCIES, settings.width)
        self.classes = nn.Embedding(classes + 1, settings.width)
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(settings.width), nn.Linear(settings.width, settings.width), nn.SiLU())
            for _ in range(settings.layers)
        )
        self.project_out = nn.Linear(settings.width, latent)
        self.register_buffer("centre", torch.zeros(latent))
        self.register_buffer("spread", torch.ones(latent))

    def forward(self, points: Tensor, time: Tensor, classes: Tensor) -> Tensor:
        """Velocity at standardised `points` [B, latent], `time` [B] in [0, 1], class indices [B] → [B, latent]."""
        angle = time[:, None] * math.pi * torch.arange(1, FREQUENCIES + 1, device=time.device)
        values = self.project_in(torch.cat([points, angle.sin(), angle.cos()], dim=1)) + self.classes(classes)
        for layer in self.hidden:
            values = values + layer(values)
        return self.project_out(values)

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Train on latents [n, latent] with class indices int [n], -1 for no class."""
        self.centre.copy_(latents.mean(dim=0))
        self.spread.copy_(latents.std(dim=0).clamp(min=1e-6))
        target = (latents - self.centre) / self.spread
        no_class = self.classes.num_embeddings - 1
        labels = torch.where(classes < 0, no_class, classes)
        generator = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.settings.learning_rate, weight_decay=0.0)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.settings.steps)
        self.train()
        for _ in range(self.settings.steps):
            rows = torch.randint(len(target), (self.settings.batch_size,), generator=generator)
            time = torch.rand(len(rows), generator=generator)
            noise = torch.randn(len(rows), target.shape[1], generator=generator)
            dropped = torch.rand(len(rows), generator=generator) < self.settings.label_dropout
            # On the straight line from a noise sample to a latent the velocity is their difference.
            points = (1 - time[:, None]) * noise + time[:, None] * target[rows]
            velocity = self(points, time, torch.where(dropped, no_class, labels[rows]))
            loss = functional.mse_loss(velocity, target[rows] - noise)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        self.eval()

    @torch.no_grad()
    def sample(self, index: int, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` latents [count, latent] of class `index`, -1 for no class, by midpoint integration."""
        points = torch.randn(count, len(self.centre), generator=generator)
        labels = torch.full((count,), index % self.classes.num_embeddings)
        step = 1 / self.settings.num_steps
        for number in range(self.settings.num_steps):
            time = torch.full((count,), number * step)
            middle = points + 0.5 * step * self(points, time, labels)
            points = points + step * self(middle, time + 0.5 * step, labels)
        return self.centre + self.spread * points
