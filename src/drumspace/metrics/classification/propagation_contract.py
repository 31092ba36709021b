"""Content of propagation.json: written by the stage `propagate`, read by the report."""

from typing import NotRequired, TypedDict


class CellMetrics(TypedDict):
    """Figures of one method in one space for one labelled share: means over seeds."""

    table: str
    method: str
    feature: str
    map: str
    """umap or tsne; pca for principal components, full for the feature itself, none for a method without neighbours."""
    dims: int | None
    supervision: str
    k: int | None
    labelled_share: float
    split: str
    accuracy: float
    """An abstention counts as wrong."""
    macro_recall: float
    predicted: float
    """Share of the held-out points with a prediction."""
    ci95: list[float] | None
    n: int
    """Held-out points, mean over seeds."""
    seeds: int


class ShareMetrics(TypedDict):
    """Macro recall of the negative control at one labelled share."""

    labelled_share: float
    macro_recall: float
    range: list[float]
    """Lowest and highest value over spaces, k and seeds."""


class ControlMetrics(TypedDict):
    """The negative control: the thesis's method on permuted labels."""

    macro_recall: float | None
    """Mean over labelled shares of a half and more."""
    chance: float
    shares: list[ShareMetrics]
    table: NotRequired[str]
    """The table that the control repeats."""
    n: NotRequired[int]
    """Values in the mean."""


class BudgetMetrics(TypedDict):
    """Accuracy of one method on one feature for a number of labels per class: means over seeds."""

    feature: str
    method: str
    labels_per_class: int
    accuracy: float
    macro_recall: float
    ci95: list[float] | None
    n: int
    seeds: int


class SplitMetrics(TypedDict):
    """Precision and coverage of propagated labels on the test clips of one split; shares are null without clips."""

    precision: float | None
    """Share of correct predictions among those for clips of the classes."""
    precision_with_others: float | None
    """Share of correct predictions among all; predictions for clips of `other` are wrong."""
    coverage: float | None
    """Share of the classes' clips with a prediction."""
    others_abstained: float | None
    """Share of the clips of `other` without a prediction."""
    n: int
    """Clips of the classes."""
    predicted: int
    others: int
    method: str
    """The method that was chosen, by cross-validation on the split's own labels."""
    threshold: float | None


class CandidateMetrics(TypedDict):
    """A method that may give the labels, cross-validated over kits."""

    method: str
    threshold: float | None
    """Lowest confidence with the target precision; null where none has it."""
    coverage: float | None
    """Share of the classes' clips whose confidence reaches the threshold."""


class CrossValidated(TypedDict):
    """Figures of labels of clips whose kits were held out, in folds; intervals are over resamples of kits."""

    precision: float | None
    """Share of correct labels among those given to clips of the classes."""
    precision_ci95: list[float] | None
    precision_with_others: float | None
    """Share of correct labels among all; labels given to clips of `other` are wrong."""
    precision_with_others_ci95: list[float] | None
    coverage: float | None
    coverage_ci95: list[float] | None
    others_abstained: float | None
    accuracy: float | None
    """Share of the classes' clips whose likeliest class is right, without abstention."""
    target_kept: bool | None
    """Whether precision_with_others reaches the target precision; null where no label was given."""
    n: int
    """Clips of the classes."""
    others: int
    kits: int


class LabelMetrics(TypedDict):
    """Means of SplitMetrics over the splits, with 95 % intervals."""

    target: float
    """Target precision."""
    precision: float | None
    precision_ci95: list[float] | None
    precision_with_others: float | None
    precision_with_others_ci95: list[float] | None
    coverage: float | None
    coverage_ci95: list[float] | None
    others_abstained: float | None
    others_abstained_ci95: list[float] | None
    n: int
    """Distinct test clips of the classes."""
    splits: list[SplitMetrics]


class CatalogueLabels(LabelMetrics):
    """LabelMetrics, and counts of the labels that the unlabelled clips got."""

    method: str
    """The method that gave the labels, one of `candidates`."""
    threshold: float | None
    candidates: list[CandidateMetrics]
    cross_validated: CrossValidated
    """Of the labels that are propagated."""
    single_files: NotRequired[CrossValidated]
    """The same, from features without the mean of the clip's kit, which a single file lacks."""
    expected_in_classes: float
    """Expected number of unlabelled clips that belong to one of the classes, by the method's probabilities."""
    unlabelled: int
    labelled: int
    labelled_by: dict[str, int]
    """Labels given by each method."""
    named_others: int
    """Clips whose name says that they belong to none of the classes."""
    conflicts: int
    near_duplicate_agreement: float | None
    queue_length: int


class AnnotationPoint(TypedDict):
    """Accuracy over all clips after a number of annotations: means over seeds."""

    annotations: int
    accuracy: float
    macro_recall: float
    ci95: list[float] | None


class AnnotatorMetrics(TypedDict):
    """Learning curves of the simulated annotator in the queue's order and in random order."""

    queue: list[AnnotationPoint]
    random: list[AnnotationPoint]
    n: int
    seeds: int
    random_annotations: int
    queue_annotations: float | None
    """Annotations after which the queue's order reaches the last accuracy of random order; null if it does not."""
    ratio: float | None
    """queue_annotations over random_annotations."""


class NotMeasured(TypedDict):
    """A figure that could not be measured, and the reason."""

    what: str
    why: str


class PropagationMetrics(TypedDict):
    """propagation.json."""

    rows: list[CellMetrics]
    negative_control: ControlMetrics
    budget: list[BudgetMetrics]
    labels: CatalogueLabels
    simulated_annotator: AnnotatorMetrics
    not_measured: list[NotMeasured]
