"""The `weights` section of params.yaml."""

from typing import Literal

from drumspace.io.settings import Params


class WeightsParams(Params):
    """How published weights are come by."""

    policy: Literal["auto", "required"]
    """auto: a model whose file can't be had starts from random values, and says so; required: the stage stops."""
    random: list[str]
    """Models that start from random values although there are weights for them."""
    folder: str | None
    """Looked into first, for the file names of weights/table.yaml."""
    network: bool
    """Whether files may be fetched."""
