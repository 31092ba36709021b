"""The `compare` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class CompareParams(Params):
    """How classifiers are compared."""

    resamples: int = Field(ge=100)
    """Bootstrap resamples behind each interval."""
    seed: int = Field(ge=0)
    min_test_per_class: int = Field(ge=1)
    """A class with fewer test clips than this is not measured."""
    committee_size: int = Field(ge=1)
    """Members of the committee, at most."""
    committee_splits: int = Field(ge=1)
    """Only models trained on so many splits stand for it; its spread is over these splits."""
    target_precision: float = Field(gt=0, lt=1)
    """Share of right answers among those given that `drumspace label` aims at; it abstains below a confidence."""
    confident_errors: int = Field(ge=0)
    """Confident errors listed."""
