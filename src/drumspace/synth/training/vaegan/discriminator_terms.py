"""Loss of the discriminators, and the check that stops a training in which they have won."""

import torch
from torch import Tensor

from drumspace.synth.losses.adversarial import discriminator_objective, gradient_penalty, threshold
from drumspace.synth.models.discriminator.discriminator_set import DiscriminatorSet
from drumspace.synth.training.vaegan.settings import VaeGanSettings
from drumspace.training.adversarial.loop import Stop
from drumspace.training.core.precision import accelerator

ZERO = 1e-3
"""A discriminator loss below this counts as zero: the discriminator separates all generated from all real sounds."""


def discriminator_loss(
    discriminator: DiscriminatorSet,
    real: Tensor,
    generated: list[Tensor],
    classes: Tensor,
    settings: VaeGanSettings,
) -> tuple[Tensor, dict[str, float]]:
    """Loss for real waves [B, T] and batches of generated ones, mean over the stacks of all discriminators: scalar.

    The logs hold the loss of each discriminator and the mean accuracies on real and on generated windows.
    """
    real_outputs = discriminator.by_name(real, classes)
    generated_outputs = [discriminator.by_name(wave, classes) for wave in generated]
    least = threshold(settings.objective)
    losses: list[Tensor] = []
    accuracies: dict[str, list[Tensor]] = {"real": [], "generated": []}
    logs: dict[str, float] = {}
    for name, outputs in real_outputs.items():
        own = []
        for index, output in enumerate(outputs):
            fake = torch.cat([each[name][index].logits for each in generated_outputs])
            own.append(discriminator_objective(settings.objective, output.logits, fake))
            accuracies["real"].append((output.logits >= least).float().mean())
            accuracies["generated"].append((fake < least).float().mean())
        logs[f"discriminator_loss.{name}"] = torch.stack(own).mean().item()
        losses += own
    loss = torch.stack(losses).mean()
    for kind, values in accuracies.items():
        logs[f"discriminator_accuracy_{kind}"] = torch.stack(values).mean().item()
    if settings.gradient_penalty:
        mix = torch.rand(len(real)).to(real.device)
        penalty = gradient_penalty(discriminator, real, generated[0], mix, classes)
        logs["gradient_penalty"] = penalty.item()
        loss = loss + settings.gradient_penalty * penalty
    return loss, logs


def stop_if_zero(discriminator: DiscriminatorSet, logs: dict[str, float], allowed: int) -> None:
    """Count consecutive zero losses of each discriminator, averaged over processes. Raises Stop at `allowed`."""
    zeros = discriminator.zeros
    losses = torch.tensor([logs[f"discriminator_loss.{name}"] for name in discriminator.members], device=zeros.device)
    is_zero = accelerator().reduce(losses, "mean") < ZERO
    zeros.copy_(torch.where(is_zero, zeros + 1, 0))
    for name, count in zip(discriminator.members, zeros.tolist(), strict=True):
        if count >= allowed:
            raise Stop(
                f"the loss of discriminator {name} has been zero for {allowed} of its updates (convergence failure): "
                "it separates all sounds, and the generator gets no gradient from it. Lower discriminator_rate, raise "
                "discriminator_every, or use smaller discriminators."
            )
