"""The `propagate` section of params.yaml."""

from typing import Any, Literal

from pydantic import Field, field_validator

from drumspace.io.settings import Params
from drumspace.propagation import registry
from drumspace.propagation.cell_classifier import ClassifierParams

FEATURES = ("spec", "mel", "mfcc", "pretrained")
"""Features that are computed without labels."""
FUSED = "fused"
"""Name of the fused features, the classifier's input, in `spaces`."""
SINGLE = "fused_single"
"""Name in `spaces` of the fused features without the mean of the clip's kit, which a single file lacks."""
SpaceName = Literal["umap_2", "umap_3", "tsne_2", "tsne_3", "pca", "full", "umap_2_labels", "umap_3_labels"]


class TableParams(Params):
    """A table of figures: all combinations of the values listed here."""

    listing: str | None
    """Name of a CSV in data/listings whose column `path` lists the table's clips; null: all labelled clips."""
    exclude_sources: list[str]
    """Sources whose clips are left out of the table."""
    spaces: dict[str, list[SpaceName]] = Field(min_length=1)
    """Spaces of each feature; `…_labels` is a supervised UMAP, computed for each cell."""
    methods: list[str] = Field(min_length=1)
    k: list[int] = Field(min_length=1)
    """Numbers of neighbours."""
    labelled_shares: list[float] = Field(min_length=1)
    """Shares of the clips that are labelled."""
    split: Literal["clip", "kit"]
    seeds: int = Field(ge=1, le=20)

    @field_validator("k")
    @classmethod
    def _neighbours(cls, value: list[int]) -> list[int]:
        if min(value) < 1 or len(set(value)) < len(value):
            raise ValueError("needs at least 1 neighbour, and each number only once")
        return value

    @field_validator("labelled_shares")
    @classmethod
    def _shares(cls, value: list[float]) -> list[float]:
        if not all(0 < share < 1 for share in value) or len(set(value)) < len(value):
            raise ValueError("a share lies between 0 and 1, and is listed only once")
        return value

    @field_validator("spaces")
    @classmethod
    def _spaces(cls, value: dict[str, list[SpaceName]]) -> dict[str, list[SpaceName]]:
        for feature, space_names in value.items():
            if feature == "learned":
                raise ValueError("`learned` can't be in a table: it was trained on labels that the table holds out")
            if feature not in (*FEATURES, FUSED, SINGLE):
                raise ValueError(f"`{feature}` is no feature; choose one of {', '.join((*FEATURES, FUSED, SINGLE))}")
            if feature in (FUSED, SINGLE) and space_names != ["full"]:
                raise ValueError(f"`{feature}` has only the space `full`")
        if SINGLE in value and len(value) > 1:
            raise ValueError(f"a table with `{SINGLE}` has no other feature, since its classifier uses `{SINGLE}` too")
        return value

    @property
    def classifier_feature(self) -> str:
        """The classifier's input: `fused_single` in a table of it, `fused` in all others."""
        return SINGLE if SINGLE in self.spaces else FUSED


class BudgetParams(Params):
    """Accuracy over the number of labels per class."""

    labels_per_class: list[int] = Field(min_length=1)
    methods: list[str] = Field(min_length=1)
    k: int = Field(ge=1)
    seeds: int = Field(ge=1, le=20)


class LabelsParams(Params):
    """Propagation of labels to the unlabelled clips."""

    methods: list[str] = Field(min_length=1)
    """Candidates: the one with the highest coverage at the target precision gives the labels, the first of equals."""
    k: int = Field(ge=1)
    target_precision: float = Field(gt=0, lt=1)
    """Precision on clips of unseen kits that sets the confidence threshold for a label."""
    folds: int = Field(ge=2, le=20)
    """Folds by kit of the cross-validation that chooses method and threshold."""
    queue_length: int = Field(ge=0)
    """Length of the review queue."""


class AnnotatorParams(Params):
    """Simulated annotator who labels the clips of the review queue."""

    initial_labels_per_class: int = Field(ge=1)
    """Labels at the start."""
    batch: int = Field(ge=1)
    """Annotations between two propagations."""
    max_annotations: int = Field(ge=1)
    """Total number of annotations."""
    seeds: int = Field(ge=1, le=20)


class PropagateParams(Params):
    """The `propagate` section: label propagation and its evaluation."""

    seed: int = Field(ge=0)
    classifier: ClassifierParams
    methods: dict[str, dict[str, Any]]
    """Settings of each method."""
    tables: dict[str, TableParams]
    noisy_label_sources: list[str]
    """Sources with noisy labels, which take no part in budgets, simulated annotator and the search for a threshold."""
    budget: BudgetParams
    labels: LabelsParams
    simulated_annotator: AnnotatorParams

    def settings(self, names: list[str]) -> dict[str, Params]:
        """Validated settings of these methods."""
        return {name: registry.settings_type(name).model_validate(self.methods[name]) for name in names}
