"""The priors of one VAE, fitted to the latents of its training clips."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.io.models import read_config, read_model
from drumspace.io.settings import Params
from drumspace.synth.sampling import prior_registry
from drumspace.synth.sampling.pca_axes import PcaAxes
from drumspace.synth.sampling.posteriors import Posteriors
from drumspace.synth.sampling.settings import PriorParams
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import device

STANDARD = "normal"
"""The prior that needs no fit: it draws latents themselves, the others coordinates on their principal axes."""


class FittedPriors(nn.Module):
    """Priors by name, and the principal axes in which they are fitted."""

    def __init__(self, settings: Mapping[str, Params], size: int, num_axes: int) -> None:
        """Unfitted priors over `num_axes` principal axes of latents with `size` dimensions (all frames together)."""
        super().__init__()
        self.pca_axes = PcaAxes(size, num_axes)
        self.priors = nn.ModuleDict(
            {
                name: prior_registry.build(name, each, size if name == STANDARD else num_axes, len(CLASSES))
                for name, each in settings.items()
            }
        )

    @classmethod
    def from_posteriors(cls, params: PriorParams, posteriors: Posteriors, classes: Tensor) -> "FittedPriors":
        """Fit the priors of params.yaml to the posteriors of clips with class indices int [n], -1 for no class."""
        generator = torch.Generator().manual_seed(params.seed)
        count = params.samples_per_posterior
        latents = posteriors.sample(count, generator) if count else posteriors.mean
        classes = classes.repeat(max(1, count))
        torch.manual_seed(params.seed)
        settings = {
            name: prior_registry.settings_type(name).model_validate(each) for name, each in params.models.items()
        }
        priors = cls(settings, latents.shape[1], min(params.axes, latents.shape[1], len(latents) - 1))
        priors.fit(latents, classes, params.seed)
        return priors

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Fit to latents [n, size] with class indices int [n], -1 for no class."""
        self.pca_axes.fit(latents)
        coordinates = self.pca_axes.to_coordinates(latents)
        for prior in self.priors.values():
            prior.fit(coordinates, classes, seed)  # type: ignore[operator]

    def sample(self, name: str, index: int, count: int, generator: torch.Generator) -> Tensor:
        """Draw latents [count, size] of class `index` (-1: no class) from prior `name`. Raises UserError if unknown."""
        if name not in self.priors:
            raise UserError(f"This model has no prior `{name}`: name one of {', '.join(self.priors)}.")
        points = self.priors[name].sample(index, count, generator)  # type: ignore[operator]
        return points if name == STANDARD else self.pca_axes.to_latents(points, generator)


def load_priors(folder: Path, prior: str | None = None) -> tuple[FittedPriors, str]:
    """Load the priors in `folder`, and the name of the prior to draw from: `prior`, or else the saved default.

    Raises UserError for missing files and for an unknown prior.
    """
    config = read_config(folder)
    settings = {
        name: prior_registry.settings_type(name).model_validate(each) for name, each in config["models"].items()
    }
    chosen = prior or config["default"]
    if chosen not in settings:
        raise UserError(f"There is no prior `{chosen}` in {folder}: name one of {', '.join(settings)}.")
    priors = read_model(folder, FittedPriors(settings, config["size"], config["num_axes"]), device())
    assert isinstance(priors, FittedPriors)
    return priors.cpu(), chosen
