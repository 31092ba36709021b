"""The `embed` section of params.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class UmapParams(Params):
    """UMAP (McInnes et al. 2018)."""

    neighbours: int = Field(ge=2, le=200)
    """More give the large shapes, fewer the small ones."""
    min_dist: float = Field(ge=0, le=1)
    """How closely points may be packed on the map."""
    target_weight: float = Field(ge=0, le=1)
    """Semi-supervised: 0 looks at the sounds alone, 1 at the labels alone."""


class TsneParams(Params):
    """t-SNE (van der Maaten and Hinton 2008), by openTSNE."""

    perplexity: float = Field(gt=1, le=500)
    """About how many neighbours a point has."""


class QualityParams(Params):
    """How maps are measured."""

    k: int = Field(ge=1, le=200)
    """Neighbours a point."""
    sample: int = Field(ge=50)
    """At most so many points, drawn at random: trustworthiness takes memory for the square."""


class EmbedParams(Params):
    """How maps are made."""

    features: list[Literal["spec", "mel", "mfcc", "pretrained", "learned"]] = Field(min_length=1)
    """A stage each."""
    seed: int = Field(ge=0)
    dims: list[Literal[2, 3]] = Field(min_length=1)
    components: int = Field(ge=2)
    """PcaInit components that a feature is reduced to first."""
    umap: UmapParams
    tsne: TsneParams
    quality: QualityParams

    @model_validator(mode="after")
    def _enough_components(self) -> Self:
        if self.components < max(self.dims):
            raise ValueError(f"a map of {max(self.dims)} dimensions needs as many components")
        return self


class NetworksParams(Params):
    """Which networks give features."""

    pretrained: str
    """As it was published: no label of ours has a part in it."""
    learned: str
    """As trained on the training part of the first split."""
