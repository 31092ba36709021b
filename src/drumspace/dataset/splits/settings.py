"""The `split` section of params.yaml."""

from typing import Self

from pydantic import Field, model_validator

from drumspace.io.settings import Params


class SplitParams(Params):
    """Which kits train, and which are held out."""

    seed: int = Field(ge=0)
    repeats: int = Field(ge=1, le=20)
    """Independent splits: the columns part, part_1, part_2, … of splits.parquet."""
    test_per_class: int = Field(ge=1)
    """Clips of each class in the test part, where the data allow."""
    max_test_share: float = Field(gt=0, le=0.5)
    """At most this share of a class's labelled clips, so that scarce classes keep some to train on."""
    test_share: float = Field(ge=0, lt=0.5)
    """Kits are held out until they have this share of each class's clips, or `test_per_class` if that is more: the
    test part is drawn from many kits, and `test_rest` has the others."""
    min_per_class: int = Field(ge=2)
    """A class with fewer labelled clips that may be held out is trained on, and not tested."""
    validation_share: float = Field(ge=0, lt=0.5)
    """Of each class's labelled clips that may be held out; as the next two."""
    judge_share: float = Field(ge=0, lt=0.5)
    """For the network that judges generated sounds."""
    reference_share: float = Field(ge=0, lt=0.5)
    """For the sounds that generated ones are compared with."""
    not_in_test: tuple[str, ...]
    """Sources (the catalogue's) that are never held out, such as one whose labels are noise."""
    restarts: int = Field(ge=1, le=10_000)
    """Random choices of kits that each part is the best of."""

    @model_validator(mode="after")
    def _leaves_enough(self) -> Self:
        if self.test_share + self.validation_share + self.judge_share + self.reference_share > 0.6:
            raise ValueError("test_share and the other shares together must not exceed 0.6")
        return self
