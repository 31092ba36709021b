"""Settings of the `priors` section of params.yaml."""

from typing import Any, Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class PriorParams(Params):
    """Priors that are fitted to the latents of each trained VAE."""

    vaes: list[str] = Field(min_length=1)
    """VAEs and VAE-GANs for which priors are fitted: names of vae.run and vaegan.run."""
    default: str
    """The prior that new sounds are drawn from; the evaluation compares all of them."""
    seed: int = Field(ge=0)
    axes: int = Field(ge=1)
    """Principal axes of the latents that the priors model, at most; what lies outside them is independent noise."""
    samples_per_posterior: int = Field(ge=0)
    """Latents drawn from each clip's posterior to fit to; 0 takes its mean, which decodes to a cleaner sound."""
    models: dict[str, dict[str, Any]]
    """Settings of each prior, by the name of its file in synth/priors."""

    @model_validator(mode="after")
    def _default_is_a_model(self) -> Self:
        if self.default not in self.models:
            raise ValueError(f"`default` names {self.default}, and models has {', '.join(self.models)}")
        return self
