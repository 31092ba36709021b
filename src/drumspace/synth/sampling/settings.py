"""The `priors` section of params.yaml."""

from typing import Any, Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class PriorParams(Params):
    """Where latents to decode are drawn from: what is fitted to each VAE's own latents, after its training."""

    of: list[str] = Field(min_length=1)
    """VAEs and VAE-GANs that priors are fitted for: names of vae.run and vaegan.run."""
    use: str
    """The one that sounds are made with; the others are compared with it."""
    seed: int = Field(ge=0)
    axes: int = Field(ge=1)
    """Principal axes of the latents that are modelled, at most; beside them latents are drawn as if independent."""
    draws: int = Field(ge=0)
    """From each sound's posterior; 0: its mean, which is decoded to a cleaner sound."""
    models: dict[str, dict[str, Any]]
    """Settings by name: a file of synth/priors each."""

    @model_validator(mode="after")
    def _uses_one_of_them(self) -> Self:
        if self.use not in self.models:
            raise ValueError(f"`use` names {self.use}, and models has {', '.join(self.models)}")
        return self
