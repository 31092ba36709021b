"""The priors of one VAE, fitted to the latents of the sounds it learned from."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from drumspace.errors import UserError
from drumspace.io.models import read_config, read_model
from drumspace.io.settings import Params
from drumspace.synth.sampling import prior_registry
from drumspace.synth.sampling.pca_axes import Axes
from drumspace.synth.sampling.posteriors import Posteriors
from drumspace.synth.sampling.settings import PriorParams
from drumspace.taxonomy import CLASSES
from drumspace.training.core.precision import device

STANDARD = "normal"
"""The one that nothing is fitted of: it lives among the latents themselves, the others along their axes."""


class FittedPriors(nn.Module):
    """Axes and priors by name."""

    def __init__(self, settings: Mapping[str, Params], size: int, axes: int) -> None:
        """`size` numbers a latent (of latents a frame: all frames'), `axes` of them modelled."""
        super().__init__()
        self.axes = Axes(size, axes)
        self.priors = nn.ModuleDict(
            {
                name: prior_registry.build(name, own, size if name == STANDARD else axes, len(CLASSES))
                for name, own in settings.items()
            }
        )

    @classmethod
    def fitted(cls, params: PriorParams, posteriors: Posteriors, classes: Tensor) -> "FittedPriors":
        """Those of params.yaml, fitted to the posteriors of sounds of `classes`, int [n], -1 for none."""
        generator = torch.Generator().manual_seed(params.seed)
        latents = (
            posteriors.sample(params.samples_per_posterior, generator)
            if params.samples_per_posterior
            else posteriors.mean
        )
        classes = classes.repeat(max(1, params.samples_per_posterior))
        torch.manual_seed(params.seed)
        settings = {name: prior_registry.settings_type(name).model_validate(own) for name, own in params.models.items()}
        made = cls(settings, latents.shape[1], min(params.axes, latents.shape[1], len(latents) - 1))
        made.fit(latents, classes, params.seed)
        return made

    def fit(self, latents: Tensor, classes: Tensor, seed: int) -> None:
        """Latents [n, size] drawn from posteriors; class indices int [n], -1 for none."""
        self.axes.fit(latents)
        places = self.axes.coordinates(latents)
        for prior in self.priors.values():
            prior.fit(places, classes, seed)  # type: ignore[operator]

    def sample(self, name: str, index: int, count: int, generator: torch.Generator) -> Tensor:
        """[count, size] of class `index`; -1: of any sound. Raises UserError for a prior that is not there."""
        if name not in self.priors:
            raise UserError(f"There is no prior `{name}` beside this model; there are {', '.join(self.priors)}.")
        places = self.priors[name].sample(index, count, generator)  # type: ignore[operator]
        return places if name == STANDARD else self.axes.latents(places, generator)


def load_priors(folder: Path, prior: str | None = None) -> tuple[FittedPriors, str]:
    """The priors in `folder`, and the one to use; `prior` names another one than they were made to use.

    Raises UserError where files are missing, and for a prior that is not there.
    """
    told = read_config(folder)
    kinds = {name: prior_registry.settings_type(name).model_validate(own) for name, own in told["models"].items()}
    chosen = prior or told["default"]
    if chosen not in kinds:
        raise UserError(f"There is no prior `{chosen}` in {folder}; there are {', '.join(kinds)}.")
    fitted = read_model(folder, FittedPriors(kinds, told["size"], told["axes"]), device())
    assert isinstance(fitted, FittedPriors)
    return fitted.cpu(), chosen
