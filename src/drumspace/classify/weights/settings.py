"""The `weights` section of params.yaml."""

from typing import Literal

from drumspace.io.settings import Params


class WeightsParams(Params):
    """Sources of published weights, and what to do without them."""

    policy: Literal["skip", "random", "required"]
    """A model whose published file is absent is not run (skip), starts from random weights, or stops the stage."""
    random: list[str]
    """Models that start from random weights although published ones exist."""
    folder: str | None
    """Folder that is searched first, for the file names of weights/table.yaml."""
    network: bool
    """Whether files may be downloaded."""
