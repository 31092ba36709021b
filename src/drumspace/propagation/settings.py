"""The `propagate` section of params.yaml."""

from typing import Any, Literal

from pydantic import Field, field_validator

from drumspace.io.settings import Params
from drumspace.propagation import registry
from drumspace.propagation.cell_classifier import ClassifierParams

FEATURES = ("spec", "mel", "mfcc", "pretrained")
"""Features in which no label has had a part."""
FUSED = "fused"
"""The space that the classifier hears, as one more feature."""
Place = Literal["umap_2", "umap_3", "tsne_2", "tsne_3", "pca", "full", "umap_2_labels", "umap_3_labels"]


class TableParams(Params):
    """Which cells a table has: all combinations of what is listed."""

    listing: str | None
    """Name of a list in data/listings, a CSV with a column `path`: these clips alone; none: every labelled clip."""
    exclude_sources: list[str]
    """Sources of which no clip is in the table, neither known nor asked about."""
    spaces: dict[str, list[Place]] = Field(min_length=1)
    """For each feature, where its points are neighbours; `…_labels` is made anew for each cell."""
    methods: list[str] = Field(min_length=1)
    k: list[int] = Field(min_length=1)
    """Neighbours."""
    labelled_shares: list[float] = Field(min_length=1)
    """Of the labels, known."""
    split: Literal["clip", "kit"]
    seeds: int = Field(ge=1, le=20)

    @field_validator("k")
    @classmethod
    def _neighbours(cls, value: list[int]) -> list[int]:
        if min(value) < 1 or len(set(value)) < len(value):
            raise ValueError("at least 1 neighbour, and each number once")
        return value

    @field_validator("labelled_shares")
    @classmethod
    def _shares(cls, value: list[float]) -> list[float]:
        if not all(0 < share < 1 for share in value) or len(set(value)) < len(value):
            raise ValueError("a share lies between 0 and 1, and stands once")
        return value

    @field_validator("spaces")
    @classmethod
    def _spaces(cls, value: dict[str, list[Place]]) -> dict[str, list[Place]]:
        for feature, places in value.items():
            if feature == "learned":
                raise ValueError("`learned` has heard labels that the cells hold out: it can't be in a table")
            if feature not in (*FEATURES, FUSED):
                raise ValueError(f"`{feature}` is no feature: {', '.join((*FEATURES, FUSED))}")
            if feature == FUSED and places != ["full"]:
                raise ValueError(f"`{FUSED}` has the space `full` alone")
        return value


class BudgetParams(Params):
    """Accuracy against the number of labels."""

    labels_per_class: list[int] = Field(min_length=1)
    methods: list[str] = Field(min_length=1)
    k: int = Field(ge=1)
    seeds: int = Field(ge=1, le=20)


class LabelsParams(Params):
    """The answer for a user."""

    method: str
    k: int = Field(ge=1)
    target_precision: float = Field(gt=0, lt=1)
    """No label is given below the confidence that keeps this share of answers right on clips not heard."""
    folds: int = Field(ge=2, le=20)
    """By kit, to find that confidence."""
    queue_length: int = Field(ge=0)
    """Length of the review queue."""


class AnnotatorParams(Params):
    """A simulated person who answers what the queue asks."""

    initial_labels_per_class: int = Field(ge=1)
    """Labels to begin with."""
    batch: int = Field(ge=1)
    """Answers after which the labels are propagated anew."""
    max_annotations: int = Field(ge=1)
    """In all."""
    seeds: int = Field(ge=1, le=20)


class PropagateParams(Params):
    """How labels are spread from known clips to others, and how that is measured."""

    seed: int = Field(ge=0)
    classifier: ClassifierParams
    methods: dict[str, dict[str, Any]]
    """Settings of each method."""
    tables: dict[str, TableParams]
    noisy_label_sources: list[str]
    """Sources with noisy labels: left out of budgets and of the simulated annotator; they find no confidence."""
    budget: BudgetParams
    labels: LabelsParams
    simulated_annotator: AnnotatorParams

    def settings(self, names: list[str]) -> dict[str, Params]:
        """Checked settings of these methods."""
        return {name: registry.settings_type(name).model_validate(self.methods[name]) for name in names}
