"""The `compare` section of params.yaml."""

from pydantic import Field

from drumspace.io.settings import Params


class CompareParams(Params):
    """Settings of the comparison of classifiers."""

    resamples: int = Field(ge=100)
    """Bootstrap resamples behind each interval."""
    seed: int = Field(ge=0)
    min_test_per_class: int = Field(ge=1)
    """A class with fewer test clips than this is not measured."""
    committee_size: int = Field(ge=1)
    """Largest number of members of the committee."""
    committee_splits: int = Field(ge=1)
    """Only models trained on at least this many splits can be members; the committee's means are over these splits."""
    target_precision: float = Field(gt=0, lt=1)
    """Share of correct labels among those given that `drumspace label` aims at: its threshold follows from it."""
    confident_errors: int = Field(ge=0)
    """Number of confident errors in the file."""
