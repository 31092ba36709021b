"""Settings `split` of params.yaml."""

from typing import Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class SplitParams(Params):
    """Settings of the division of kits into training and held-out parts."""

    seed: int = Field(ge=0)
    repeats: int = Field(ge=1, le=20)
    """Number of independent splits: the columns part, part_1, part_2, … of splits.parquet."""
    test_per_class: int = Field(ge=1)
    """Clips per class in the test part, if the data suffice."""
    max_test_share: float = Field(gt=0, le=0.5)
    """Largest share of a class's labelled clips in the test part, so that rare classes keep clips for training."""
    test_share: float = Field(ge=0, lt=0.5)
    """Kits are held out until they hold this share of each class's clips, or `test_per_class` clips if that is more.
    The test part is drawn from these kits; `test_rest` holds their other clips."""
    min_per_class: int = Field(ge=2)
    """A class with fewer labelled clips that may be held out is used for training only."""
    validation_share: float = Field(ge=0, lt=0.5)
    """Share of each class's labelled clips that may be held out, as for the next two."""
    judge_share: float = Field(ge=0, lt=0.5)
    """Share for the training of the judge of generated sounds."""
    reference_share: float = Field(ge=0, lt=0.5)
    """Share for the real sounds with which generated ones are compared."""
    not_in_test: tuple[str, ...]
    """Sources, as named in the catalogue, that are never held out, such as one with noisy labels."""
    restarts: int = Field(ge=1, le=10_000)
    """Number of random restarts of the search for the kits of each part."""

    @model_validator(mode="after")
    def _leaves_enough(self) -> Self:
        if self.test_share + self.validation_share + self.judge_share + self.reference_share > 0.6:
            raise ValueError("test_share and the other shares together must not exceed 0.6")
        return self
