"""Types of reports/metrics/synthesis.json, which drumspace.synth.evaluation writes and the report reads.

The file maps the name of each set of sounds (a generator, an inversion or a baseline) to a SoundSetMetrics; the keys of
SynthesisSummary stand beside them. A metric that does not apply is null. One that could not be measured is null too,
and its reason stands in `not_measured` of the same object.
"""

from typing import Any, NotRequired, TypedDict


class MissingMetric(TypedDict):
    """Reason for metrics that are null."""

    what: str
    why: str


class Failure(TypedDict):
    """Number of sounds that were requested and are missing, by reason."""

    what: str
    count: int


class DistributionMetrics(TypedDict):
    """Generated sounds compared with real ones in the embedding of one judge."""

    kernel_distance: float | None
    kernel_distance_ci95: tuple[float, float] | None
    fad: float | None
    fad_at_infinity: float | None
    fad_dimensions: int | None
    precision: float | None
    recall: float | None
    density: float | None
    coverage: float | None


class HalfMetrics(TypedDict):
    """Kernel distance of one half of a set of sounds."""

    kernel_distance: float
    kernel_distance_ci95: list[float]
    n: int


class ClassMetrics(DistributionMetrics):
    """Metrics of the sounds that were requested of one class, compared with the reference's clips of that class."""

    n: int
    reference_n: int
    agreement: float
    not_measured: list[MissingMetric]


class JudgeMetrics(DistributionMetrics):
    """Metrics of a set of sounds by one judge."""

    halves: list[HalfMetrics] | None
    class_agreement: float | None
    confusion: list[list[int]] | None
    """Rows: requested classes; columns: predicted classes."""
    classes: dict[str, ClassMetrics] | None
    predicted_classes: list[int] | None
    """Number of sounds predicted to be of each class."""
    novelty: float | None
    spread: float | None


class ReconstructionErrors(TypedDict):
    """Mean errors of reconstructed clips; <metric>_n counts the clips that have the metric, where not all do."""

    n: int
    with_pitch: int
    mrstft: float | None
    log_spectral_distance: float | None
    """dB."""
    mel_distance: float | None
    """dB."""
    onset_ms: float | None
    envelope_db: float | None
    pitch_semitones: float | None
    pitch_semitones_n: NotRequired[int]
    not_measured: NotRequired[list[MissingMetric]]


class PriorMetrics(TypedDict):
    """Metrics of sounds that were decoded from one prior, by the first judge."""

    kernel_distance: float | None
    kernel_distance_ci95: tuple[float, float] | None
    precision: float | None
    coverage: float | None
    class_agreement: float | None
    n: int
    not_measured: list[MissingMetric]


class InterpolationMetrics(TypedDict):
    """Paths between pairs of reference clips, in the embedding of the first judge."""

    path_ratio: float
    """Length of the path over the distance between its ends."""
    between: float
    """Share of the steps that are predicted to be of one of the two ends' classes."""
    n: int
    """Pairs."""


class DescriptorChange(TypedDict):
    """Change of one descriptor along a principal axis."""

    per_step: float
    """Mean slope per standard deviation of the latents: octaves, or dB for noisiness."""
    steadiness: float
    """Mean rank correlation with the position along the axis, in [-1, 1]."""
    n: int


class AxisMetrics(TypedDict):
    """One principal axis of the latents, described by the changes of the decoded sounds."""

    axis: int
    changes: dict[str, DescriptorChange]
    name: str | None
    """Descriptor that changes most steadily."""
    words: list[str] | None
    """Names of the two ends, such as darker and brighter."""
    strength: float | None
    start_class: NotRequired[str]
    """Class whose mean latent the report's samples start from."""


class SoundMetrics(TypedDict):
    """Metrics of a set of sounds that need no judge."""

    mrstft: float | None
    log_spectral_distance: float | None
    reconstruction: dict[str, Any] | None
    """ReconstructionErrors of `all` clips and of each class; hop_periodicity of the reconstructions."""
    active_units: int | None
    latent_dim: int | None
    kl_nats: float | None
    """Sum over latent dimensions of the mean KL."""
    hop_periodicity: float | None
    hop_periodicity_n: int | None
    memorization: float | None
    """Share of the sounds that are near-duplicates of a training clip."""
    near_duplicates: float | None
    """Share of the sounds that are near-duplicates of another one."""
    n: int


class SoundSetMetrics(JudgeMetrics, SoundMetrics):
    """Entry of a set of sounds: metrics by the first judge, and those that need no judge."""

    failures: list[Failure]
    judges: dict[str, JudgeMetrics]
    """Metrics by the other judges."""
    not_measured: list[MissingMetric]
    conditional: bool
    """Whether sounds of a class can be requested."""


class VaeMetrics(TypedDict):
    """Metrics that only VAEs have; they replace those of the same name in their SoundSetMetrics."""

    active_units: int
    latent_dim: int
    kl_nats: float
    kl_by_unit: list[float]
    """Mean KL of each latent dimension (nats), the largest first, at most 256."""
    mrstft: float | None
    log_spectral_distance: float | None
    reconstruction: dict[str, Any]
    priors: dict[str, PriorMetrics]


class JudgeSummary(TypedDict):
    """A judge, and how well it knows the reference clips, on which it was not trained."""

    name: str
    weights: str
    weights_reason: str | None
    trainable: str
    trained_on: Any
    chosen_on: Any
    accuracy: float | None
    accuracy_ci95: list[float] | None
    macro_recall: float | None
    n: int


class SynthesisSummary(TypedDict):
    """Keys of synthesis.json beside the sets of sounds."""

    judge: JudgeSummary
    judges: dict[str, JudgeSummary]
    reference: dict[str, Any]
    settings: dict[str, int]
    trained: dict[str, dict[str, Any]]
    """Size and training of each trained model."""
    floor_is_trained_on: bool
    """Whether the clips of `floor` are training clips, since there are too few others."""
    not_measured: list[MissingMetric]
