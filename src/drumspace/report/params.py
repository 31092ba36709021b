"""The `report` section of params.yaml."""

from drumspace.audio.rainbowgram import RainbowParams
from drumspace.params import Params


class ReportParams(Params):
    """What the report draws itself; the other pictures follow the `features` section."""

    rainbowgram: RainbowParams
