"""Trunk: the part of a network that maps a wave to an embedding."""

from torch import Tensor, nn


class Trunk(nn.Module):
    """Base class of trunks: [B, T] → embeddings [B, features] or [B, frames, features]."""

    features: int

    def load_pretrained(self, state: dict[str, Tensor]) -> None:
        """Load the weights of a published file. Raises ValueError if keys or shapes do not match."""
        raise ValueError("this trunk has no published weights")


def load_exactly(module: nn.Module, state: dict[str, Tensor], but: tuple[str, ...]) -> None:
    """Load `state` into `module`. Keys that start with one of `but` may be missing on either side.

    Raises ValueError, with the keys, if any other key is missing, unknown or has another shape.
    """
    own = module.state_dict()
    expected = {key for key in own if not key.startswith(but)}
    given = {key for key in state if not key.startswith(but)}
    problems = [f"missing {key}" for key in sorted(expected - given)]
    problems += [f"unknown {key}" for key in sorted(given - expected)]
    problems += [
        f"{key} is {tuple(state[key].shape)}, not {tuple(own[key].shape)}"
        for key in sorted(expected & given)
        if own[key].shape != state[key].shape
    ]
    if problems:
        more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise ValueError(f"{'; '.join(problems[:3])}{more}")
    module.load_state_dict({key: state[key] for key in expected}, strict=False)
