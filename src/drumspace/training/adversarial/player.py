"""A network in adversarial training with its optimiser and learning-rate schedule."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from torch import nn
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, vector_to_parameters

from drumspace.training.adversarial.settings import AdversarialSettings


class Player:
    """Generator or discriminators on their device, with the weights that are trained.

    Gradients are averaged over processes here, not by DistributedDataParallel, which supports neither weights whose
    requires_grad changes nor the gradient of a gradient that a gradient penalty needs.
    """

    def __init__(
        self,
        module: nn.Module,
        learning_rate: float,
        settings: AdversarialSettings,
        accelerator: Accelerator,
        steps: int,
    ) -> None:
        """`steps`: length of the schedule. Weights without requires_grad are not trained."""
        self.module = module.to(accelerator.device)
        self.trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        self.clip = math.inf if settings.gradient_clip is None else settings.gradient_clip
        for tensor in module.state_dict().values():
            tensor.copy_(broadcast(tensor))  # every process starts with the weights of the first one
        self.optimizer: torch.optim.Optimizer
        if settings.optimizer == "adam":
            self.optimizer = torch.optim.Adam(self.trained, lr=learning_rate, betas=settings.betas, fused=True)
        else:
            self.optimizer = torch.optim.RMSprop(self.trained, lr=learning_rate)

        def factor(step: int) -> float:
            return 1.0 if settings.schedule == "constant" else 0.5 * (1 + math.cos(math.pi * step / steps))

        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Context in which the weights have no gradient: no graph is built for them."""
        for parameter in self.trained:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in self.trained:
                parameter.requires_grad_(True)

    def step(self, accelerator: Accelerator) -> float:
        """Step of the optimiser along the gradient averaged over processes; returns the gradient's 2-norm.

        A gradient that is not finite is dropped.
        """
        gradients = [parameter.grad for parameter in self.trained if parameter.grad is not None]
        if accelerator.num_processes > 1:
            total = accelerator.reduce(parameters_to_vector(gradients), reduction="mean")
            vector_to_parameters(total, gradients)
        norm = float(clip_grad_norm_(self.trained, self.clip))
        if math.isfinite(norm):
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return norm

    def state_dict(self) -> dict[str, Any]:
        """Content for a checkpoint."""
        return {
            "module": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore from a checkpoint."""
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
