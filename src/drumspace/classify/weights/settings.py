"""The `weights` section of params.yaml."""

from typing import Literal

from drumspace.io.settings import Params


class WeightsParams(Params):
    """How published weights are come by."""

    policy: Literal["skip", "random", "required"]
    """A model whose published file is absent is not run (skip), starts from random values, or stops the stage."""
    random: list[str]
    """Models that start from random values although there are weights for them."""
    folder: str | None
    """Looked into first, for the file names of weights/table.yaml."""
    network: bool
    """Whether files may be fetched."""
