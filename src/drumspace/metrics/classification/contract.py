"""Types of reports/metrics/classifiers.json, for the stage that writes it and the report that reads it.

A figure that could not be measured is null; `not_measured` of the file says why.
"""

from typing import NotRequired, TypedDict


class MissingFigures(TypedDict):
    """Reason for figures that are null."""

    what: str
    why: str


class PartScores(TypedDict):
    """Scores on one part of a split, such as its validation clips."""

    accuracy: float | None
    macro_recall: float | None
    n: int


class Scores(TypedDict):
    """Scores on the test part of the first split. Macro means run over the measured classes; intervals resample kits.

    `confusion`: counts, rows are labels and columns predictions.
    """

    accuracy: float | None
    accuracy_ci95: list[float] | None
    precision: float | None
    precision_ci95: list[float] | None
    recall: float | None
    recall_ci95: list[float] | None
    f1: float | None
    f1_ci95: list[float] | None
    calibration_error: float | None
    n: int
    confusion: list[list[int]] | None


class Figures(Scores):
    """Scores of a classifier on all parts of the first split."""

    validation: PartScores
    all_unseen: PartScores
    """Scores on every clip of the test kits: parts test and test_rest."""
    other_auroc: float | None
    """Area under the ROC curve of the confidence, for all clips of the test kits against their other drums."""


class ModelMetrics(Figures):
    """Figures of one model, with its origin from config.json."""

    weights: str | None
    weights_reason: str | None
    trainable: str | None
    parameters: int | None
    note: str | None


class CommitteeMetrics(Figures):
    """Figures of the committee, with the common origin of its members."""

    parameters: int
    """Sum over the members."""
    weights: str | None
    """The members' value, or mixed."""
    trainable: str | None
    """The members' value, or mixed."""
    weights_reason: str | None
    members: list[str]


class SplitMetrics(TypedDict):
    """Mean and standard deviation of the accuracy over splits, on the test part and on all clips of the test kits."""

    accuracy_mean: float | None
    accuracy_sd: float | None
    n_splits: int
    all_unseen_accuracy_mean: float | None
    all_unseen_accuracy_sd: float | None


class BestPerSplit(SplitMetrics):
    """Accuracy over splits if each split chooses its best model on its own validation part."""

    models: list[str]
    committees: list[list[str]]
    """Members of each split's committee."""


class PairRow(TypedDict):
    """Test of two classifiers (see metrics.classification.pairs.Pair)."""

    first: str
    second: str
    only_first: int
    only_second: int
    p: float
    p_holm: float


class Pairs(TypedDict):
    """Tests of all pairs of classifiers on the same n clips."""

    n: int
    kits: NotRequired[int]
    """Kits of these clips, which the test takes as independent."""
    rows: list[PairRow]


class Coverage(TypedDict):
    """Precision and coverage of a labeller: it labels sounds whose confidence reaches the threshold of their class."""

    precision: float | None
    """Share of correct labels among those given to clips of the classes."""
    precision_with_others: float | None
    """The same with labels given to other drums, which are never correct."""
    coverage: float | None
    """Share of clips of the classes that get a label."""
    others_abstained: float | None
    """Share of other drums that get none."""
    n: int
    """Clips of the classes."""
    n_other: int
    """Other drums."""


class LabellerMetrics(Coverage):
    """Content of best.json: the labeller, its thresholds, and its figures on held-out clips, which chose them."""

    model: str
    target_precision: float
    """Share of labels given to clips of the classes that are to be correct on other kits."""
    unseen: Coverage | None
    """Figures on the test kits, on which nothing was chosen."""
    thresholds: dict[str, dict[str, float] | None]
    """Confidence threshold of each class, by model or committee; null if none keeps the target precision."""


class ConfidentError(TypedDict):
    """An unseen clip to which the labeller gave another class than its label."""

    clip_id: str
    label: str
    predicted: str
    confidence: float
    agree: int
    """Number of models, the committee not counted, that predict the same class."""
    models: int
    path: NotRequired[str]
    """Path of the clip's file in the catalogue; the stage adds it."""


class ClassifierMetrics(TypedDict):
    """Content of classifiers.json."""

    models: dict[str, ModelMetrics]
    committee: CommitteeMetrics | None
    best: str | None
    """The single model with the highest macro recall on the first split's validation part."""
    splits: dict[str, SplitMetrics]
    """Figures of every model and of the committee."""
    best_per_split: BestPerSplit | None
    classes: list[str]
    """Measured classes, which have enough test clips in every split."""
    pairs: Pairs
    label: LabellerMetrics
    confident_errors: list[ConfidentError]
    not_measured: list[MissingFigures]
    not_run: dict[str, str]
    """Models of classify.run that were not trained, with the reason."""
