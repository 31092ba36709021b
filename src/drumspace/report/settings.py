"""The `report` section of params.yaml."""

from drumspace.audio.spectral.rainbowgram import RainbowParams
from drumspace.io.settings import Params


class ReportParams(Params):
    """What the report draws itself; the other pictures follow the `features` section."""

    rainbowgram: RainbowParams
