"""Content of details.json: written by the stage `classify_detail`, read by the report. One entry a class."""

from typing import TypedDict, final

from drumspace.metrics.classification.contract import MissingFigures


class DetailScores(TypedDict):
    """Figures of details on sources or kits that neither classifier nor thresholds have seen."""

    precision: float | None
    """Share of the `predicted` details that are right; null if there is none."""
    precision_ci95: list[float] | None
    predicted: int
    coverage: float | None
    """Share of the `n` clips that get the detail."""
    n: int
    kits: int
    sources: int


class DetailRow(DetailScores):
    """Figures of one detail."""

    given: bool
    """Whether the final classifier gives it."""
    why_not: str | None


@final  # so that a type checker can tell it from the next by its keys
class DetailFigures(DetailScores):
    """Figures of all details of a class; coverage is the share of the clips with a detail that get any."""

    unseen: str
    """What is held out as a whole: source or kit."""
    groups: int
    """Number of sources or kits, joined by near-duplicates."""
    neither: int | None
    """Clips of a partial class without a detail."""
    target_precision: float
    details: dict[str, DetailRow]
    thresholds: dict[str, float | None]


@final
class UnmeasuredDetails(TypedDict):
    """Entry of a class without a classifier."""

    not_measured: list[MissingFigures]


DetailMetrics = dict[str, DetailFigures | UnmeasuredDetails]
"""By class."""
