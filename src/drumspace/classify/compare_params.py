"""The `compare` section of params.yaml."""

from pydantic import Field

from drumspace.params import Params


class CompareParams(Params):
    """How classifiers are compared."""

    resamples: int = Field(ge=100)
    """Bootstrap resamples behind each interval."""
    seed: int = Field(ge=0)
    min_test_per_class: int = Field(ge=1)
    """A class with fewer test clips than this is not measured."""
