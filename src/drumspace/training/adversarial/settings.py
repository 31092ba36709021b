"""Settings of the adversarial training loop."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class AdversarialSettings:
    """Steps, learning rates and schedules of generator and discriminator."""

    steps: int
    """Each updates both networks, or one of them (generator_from, discriminator_every)."""
    discriminator_steps: int
    """Discriminator updates before each generator update."""
    generator_rate: float
    """Peak learning rate."""
    discriminator_rate: float
    """Peak learning rate."""
    betas: tuple[float, float]
    """Betas of Adam; ignored by RMSprop."""
    optimizer: Literal["adam", "rmsprop"]
    schedule: Literal["constant", "cosine"]
    """cosine: rates fall from a network's first step to the last along half a cosine."""
    ema_decay: float
    """Decay of the average of the generator's weights, which is validated and kept; 0 keeps the weights themselves."""
    validate_every: int
    checkpoint_every: int
    seed: int
    gradient_clip: float | None = None
    """Largest 2-norm of either network's gradient; None: no limit."""
    discriminator_every: int = 1
    """The discriminator is updated in every n-th step, from the first on."""
    generator_from: int = 0
    """The first step that updates the generator; before it only the discriminator is trained."""

    def __post_init__(self) -> None:
        """Raises ValueError if the generator would never be updated."""
        if not 0 <= self.generator_from < self.steps:
            raise ValueError("generator_from must be a step")
