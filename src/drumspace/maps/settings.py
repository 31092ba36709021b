"""The `embed` section of params.yaml."""

from typing import Literal, Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class UmapParams(Params):
    """UMAP (McInnes et al. 2018)."""

    neighbours: int = Field(ge=2, le=200)
    """Number of neighbours: more preserve the global structure, fewer the local one."""
    min_dist: float = Field(ge=0, le=1)
    """Minimum distance of points on the map."""
    target_weight: float = Field(ge=0, le=1)
    """Weight of the labels in semi-supervised UMAP: 0 uses the features alone, 1 the labels alone."""


class TsneParams(Params):
    """t-SNE (van der Maaten and Hinton 2008), by openTSNE."""

    perplexity: float = Field(gt=1, le=500)
    """Effective number of neighbours of a point."""


class QualityParams(Params):
    """Measurement of maps."""

    k: int = Field(ge=1, le=200)
    """Number of neighbours that the figures compare."""
    sample: int = Field(ge=50)
    """Maximum number of points, drawn at random: the memory of trustworthiness grows with the square."""


class EmbedParams(Params):
    """Maps of each feature."""

    features: list[Literal["spec", "mel", "mfcc", "pretrained", "learned"]] = Field(min_length=1)
    """One stage runs for each."""
    seed: int = Field(ge=0)
    dims: list[Literal[2, 3]] = Field(min_length=1)
    components: int = Field(ge=2)
    """Number of principal components that UMAP and t-SNE start from."""
    umap: UmapParams
    tsne: TsneParams
    quality: QualityParams

    @model_validator(mode="after")
    def _enough_components(self) -> Self:
        if self.components < max(self.dims):
            raise ValueError(f"a map of {max(self.dims)} dimensions needs at least {max(self.dims)} components")
        return self


class NetworksParams(Params):
    """Networks whose embeddings are features; each is one of classify.run."""

    pretrained: str
    """Network with its published weights, trained on no label of this data set."""
    learned: str
    """Network as it was trained on the training part of the first split."""
