"""The `report` section of params.yaml."""

from drumspace.audio.spectral.rainbowgram import RainbowParams
from drumspace.io.settings import Params


class ReportParams(Params):
    """Settings of pictures that only the report draws; the others follow the `features` section."""

    rainbowgram: RainbowParams
