"""The `detail` section of params.yaml."""

from typing import Literal

from pydantic import Field

from drumspace.io.settings import Params


class DetailParams(Params):
    """Settings of the second-level classifiers."""

    model: str
    """One of classify.run that is fitted at once, such as svm: it is fitted once a fold."""
    folds: int = Field(ge=2, le=20)
    """Folds of the cross-validation."""
    unseen: Literal["source", "kit"]
    """Cross-validation holds out whole sources, or whole kits; kits also where sources are fewer than folds."""
    seed: int = Field(ge=0)
    target_precision: float = Field(gt=0, lt=1)
    """Share of correct details among those given that `drumspace label` aims at, for each detail."""
    min_precision: float = Field(ge=0, lt=1)
    """A detail that is less precise in the cross-validation of its own training clips is never given."""
    min_clips: int = Field(ge=2)
    """A detail that fewer clips get in that cross-validation is never given: too few to know its precision."""
    resamples: int = Field(ge=100)
    """Bootstrap resamples behind each interval."""
