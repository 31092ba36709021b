"""What generated sounds are worth: one entry of synthesis.json."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from drumspace.errors import NotMeasured
from drumspace.metrics.generation import descriptors, reconstruction
from drumspace.metrics.generation.class_agreement import agreement
from drumspace.metrics.generation.distribution import EXTRAPOLATED_FROM, FrechetSpace, Kernels, prdc
from drumspace.metrics.generation.diversity import nearest, novelty, spread
from drumspace.synth.evaluation.memorization import Copies
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.evaluation.settings import SynthesisParams
from drumspace.synth.sampling.generator import Drawn
from drumspace.taxonomy import CLASSES

CLOUD = (
    "kernel_distance", "kernel_distance_ci95", "fad", "fad_at_infinity", "fad_dimensions",
    "precision", "recall", "density", "coverage",
)  # fmt: skip
"""Of sounds beside real ones, all and by class."""
HEARD = (*CLOUD, "halves", "class_agreement", "confusion", "classes", "classes_heard", "novelty", "spread")
"""What each judge says."""
MEASURED = (
    "mrstft", "log_spectral_distance", "reconstruction", "active_units", "latent_dim", "nats", "hop_periodicity",
    "hop_periodicity_n", "copies", "near_duplicates", "n",
)  # fmt: skip
"""What needs no judge. What does not apply, or can't be had, is null."""
NOISY = ("snare", "hat", "crash", "clap", "shaker")
"""Classes without a pitch, on which a buzz at the decoder's hop would be heard."""


@dataclass(frozen=True)
class Judging:
    """What every set of sounds is judged with."""

    references: dict[str, Reference]
    """By the judge's name; the first one's figures are the entry's own."""
    copies: Copies
    sample_rate: int
    params: SynthesisParams


@dataclass(frozen=True)
class Origin:
    """Where a set of sounds comes from, as far as it decides which figures mean something."""

    made: bool = True
    """Not real clips: they may be copies of some."""
    seen: bool = False
    """Real clips that judges and generators have learned from: that these are known says nothing."""
    compared: bool = True
    """False for the reference's own sounds, made anew: they can't be held against it."""
    hop: int | None = None
    """Of what made them (samples)."""


class Entry:
    """Figures as they come in, and why others did not."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        """All null."""
        self.figures: dict[str, Any] = dict.fromkeys(keys)
        self.missing: list[dict[str, str]] = []

    def take(self, what: str, figures: Callable[[], Mapping[str, Any]]) -> None:
        """Add figures; where they can't be had, the reason."""
        try:
            self.figures.update(figures())
        except NotMeasured as error:
            self.missing.append({"what": what, "why": str(error)})

    def closed(self) -> dict[str, Any]:
        """Everything."""
        return {**self.figures, "not_measured": self.missing}


def evaluate(drawn: Drawn, judging: Judging, origin: Origin) -> tuple[dict[str, Any], pd.DataFrame]:
    """The entry of a set of sounds, and a row for each.

    The rows: asked and heard (names of classes), confidence, nearest (position among the training clips) and distance
    to it in the first judge's embedding.
    """
    entry = Entry(MEASURED)
    entry.figures["n"] = len(drawn.waves)
    judges: dict[str, dict[str, Any]] = {}
    rows = pd.DataFrame({"asked": [], "heard": [], "confidence": [], "nearest": [], "distance": []})
    heard = np.empty(0, dtype=np.int64)
    for name, reference in judging.references.items():
        if not len(drawn.waves):
            judges[name] = Entry(HEARD).closed()
            continue
        points, probabilities = reference.hear(drawn.waves)
        answers = probabilities.argmax(axis=1)
        judges[name] = judged(points, drawn.asked, answers, reference, judging.params, origin)
        if not len(rows):
            heard, rows = answers, rows_of(points, drawn.asked, probabilities, reference)
    if len(drawn.waves):
        kinds = np.where(drawn.asked >= 0, drawn.asked, heard)
        entry.take("buzz", lambda: periodicity(drawn.waves, kinds, origin.hop or judging.params.hop_length))
        if origin.made and origin.compared:
            entry.take("copies", lambda: judging.copies.of(drawn.waves))
    else:
        entry.missing.append({"what": "everything", "why": "no sound was left to judge"})
    own, *others = judges
    figures = entry.closed()
    return {
        **judges[own],
        **figures,
        "failures": drawn.failures,
        "judges": {name: judges[name] for name in others},
        "not_measured": [*judges[own]["not_measured"], *figures["not_measured"]],
    }, rows


def rows_of(points: np.ndarray, asked: np.ndarray, probabilities: np.ndarray, reference: Reference) -> pd.DataFrame:
    """See `evaluate`."""
    names = np.array([*CLASSES, ""])
    place, distance = nearest(points, reference.trained_on)
    return pd.DataFrame(
        {
            "asked": names[asked],
            "heard": names[probabilities.argmax(axis=1)],
            "confidence": probabilities.max(axis=1),
            "nearest": place,
            "distance": distance,
        }
    )


def cloud(points: np.ndarray, real: np.ndarray, sigma: float, params: SynthesisParams) -> Entry:
    """CLOUD of points [n, d] beside real ones [m, d]; the kernel is `sigma` wide."""
    entry = Entry(CLOUD)
    entry.take("kernel distance", lambda: {"kernel_distance": Kernels.of(points, real, sigma).distance()})
    entry.take("its interval", lambda: {"kernel_distance_ci95": interval(points, real, sigma, params)})

    def frechet() -> dict[str, Any]:
        space = FrechetSpace(real, params.components)
        found: dict[str, Any] = {"fad": space.distance(points), "fad_dimensions": space.dimensions}
        if len(points) >= EXTRAPOLATED_FROM:
            found["fad_at_infinity"] = space.at_infinity(points, params.seed)
        return found

    entry.take("FAD", frechet)
    entry.take("precision to coverage", lambda: prdc(points, real, params.neighbours))
    return entry


def interval(points: np.ndarray, real: np.ndarray, sigma: float, params: SynthesisParams) -> tuple[float, float]:
    """95 % interval of the kernel distance."""
    return Kernels.of(points, real, sigma).interval(params.resamples, params.seed)


def judged(
    points: np.ndarray,
    asked: np.ndarray,
    heard: np.ndarray,
    reference: Reference,
    params: SynthesisParams,
    origin: Origin,
) -> dict[str, Any]:
    """HEARD of one judge's points [n, d]; class indices [n], -1 where none was asked for."""
    entry = Entry(HEARD)
    entry.figures["classes_heard"] = np.bincount(heard, minlength=len(CLASSES)).tolist()
    told, sigma = asked >= 0, reference.sigma
    if origin.compared:
        found = cloud(points, reference.points, sigma, params)
        entry.figures.update(found.figures)
        entry.missing += found.missing
        # Sounds come class by class: every other one is a half with the same classes.
        halves = (points[::2], points[1::2])
        entry.take("kernel distances of halves", lambda: {"halves": [half_of(h, reference, params) for h in halves]})
        entry.take("spread", lambda: {"spread": spread(points, reference.points)})
    if origin.seen:
        entry.missing.append({"what": "class agreement, novelty", "why": "judge and generators have learned from them"})
        return entry.closed()
    if origin.compared:
        entry.take("novelty", lambda: {"novelty": novelty(points, reference.trained_on, reference.points)})
    if told.any():

        def control() -> dict[str, Any]:
            value, table = agreement(asked[told], heard[told], len(CLASSES))
            return {"class_agreement": value, "confusion": table}

        entry.take("class agreement", control)
        entry.figures["classes"] = {}
        for index in np.unique(asked[told]):
            own = asked == index
            figures = of_class(points[own], heard[own], int(index), reference, params, origin)
            entry.figures["classes"][CLASSES[index]] = figures
    return entry.closed()


def half_of(points: np.ndarray, reference: Reference, params: SynthesisParams) -> dict[str, Any]:
    """Kernel distance and interval of some of the sounds."""
    low, high = interval(points, reference.points, reference.sigma, params)
    distance = Kernels.of(points, reference.points, reference.sigma).distance()
    return {"kernel_distance": distance, "kernel_distance_ci95": [low, high], "n": len(points)}


def of_class(
    points: np.ndarray,
    heard: np.ndarray,
    index: int,
    reference: Reference,
    params: SynthesisParams,
    origin: Origin,
) -> dict[str, Any]:
    """Figures of the sounds that were asked to be of one class."""
    real = reference.points[reference.labels == index]
    entry = cloud(points, real, reference.sigma, params) if origin.compared else Entry(CLOUD)
    agreed = float((heard == index).mean())
    return {"n": len(points), "reference_n": len(real), "agreement": agreed, **entry.closed()}


def periodicity(waves: np.ndarray, kinds: np.ndarray, hop: int) -> dict[str, Any]:
    """Mean whitened autocorrelation at `hop` samples of the sounds of noisy classes; `kinds` int [n]."""
    noisy = np.isin(kinds, [CLASSES.index(label) for label in NOISY])
    if not noisy.any():
        raise NotMeasured(f"no sound of {', '.join(NOISY)}")
    values = descriptors.hop_periodicity(waves[noisy], hop)
    values = values[np.isfinite(values)]
    if not len(values):
        raise NotMeasured("all sounds of these classes are silent")
    return {"hop_periodicity": float(values.mean()), "hop_periodicity_n": len(values)}


def reconstructed(made: np.ndarray, real: np.ndarray, labels: np.ndarray, sample_rate: int) -> dict[str, Any]:
    """How near reconstructions are, float [n, T] each: `mrstft`, `log_spectral_distance`, and all by class.

    Of each figure the mean over the clips that have it, and how many they are where not all do.
    """
    each = {
        "mrstft": reconstruction.multi_resolution_stft(made, real),
        **reconstruction.spectral_distances(made, real, sample_rate),
        "onset_ms": reconstruction.onset_error(made, real, sample_rate),
        "envelope_db": reconstruction.envelope_error(made, real, sample_rate),
        "pitch_semitones": reconstruction.pitch_error(made, real, sample_rate),
    }
    pitched = np.isfinite(descriptors.pitch_hz(real, sample_rate))

    def means(chosen: np.ndarray) -> dict[str, Any]:
        found: dict[str, Any] = {"n": int(chosen.sum()), "with_pitch": int((chosen & pitched).sum())}
        for name, values in each.items():
            known = values[chosen][np.isfinite(values[chosen])]
            found[name] = float(known.mean()) if len(known) else None
            if len(known) < chosen.sum():
                found[f"{name}_n"] = len(known)
        return found

    overall = means(np.ones(len(real), dtype=bool))
    return {
        "mrstft": overall["mrstft"],
        "log_spectral_distance": overall["log_spectral_distance"],
        "reconstruction": {
            "all": overall,
            **{CLASSES[index]: means(labels == index) for index in np.unique(labels)},
        },
    }
