"""What a VAE's latent space is worth: reconstructions, priors, ways between sounds, directions."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from drumspace.errors import NotMeasured
from drumspace.metrics.generation.class_agreement import agreement
from drumspace.metrics.generation.latent import active_units, path_ratio
from drumspace.synth.evaluation.directions import STEPS, directions_of, grid_of
from drumspace.synth.evaluation.evaluate import Judging, cloud, periodicity, reconstructed
from drumspace.synth.evaluation.memorization import to_pcm
from drumspace.synth.evaluation.model_summary import blocks_of
from drumspace.synth.evaluation.reference import Reference
from drumspace.synth.models.vae.build_vae import class_weights
from drumspace.synth.sampling.generator import draw
from drumspace.synth.sampling.interpolation import Path, walk
from drumspace.synth.sampling.trained_vae import TrainedVae
from drumspace.taxonomy import CLASSES

PRIOR = ("kernel_distance", "kernel_distance_ci95", "precision", "coverage", "class_agreement")
"""Of sounds from one prior. What can't be had is null."""
WALKS: tuple[Path, ...] = ("linear", "spherical")


@dataclass(frozen=True)
class Heard:
    """Sounds for the report to play: int16 [rows, columns, num_samples], a row each."""

    reconstructions: np.ndarray
    """One class a row: real, made anew."""
    walks: np.ndarray
    """One way a row."""
    directions: np.ndarray
    """One axis a row."""
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By the name of a set, what each row is."""


def latent_figures(
    vae: TrainedVae, real: np.ndarray, kinds: np.ndarray, counts: np.ndarray, judging: Judging
) -> dict[str, Any]:
    """What a VAE keeps of unseen sounds, in how many nats, and what each of its priors gives.

    `real` float [n, T] of classes `kinds` [n]: the reference. `counts` [classes] sounds are drawn from each prior.
    """
    params = judging.params
    reference = next(iter(judging.references.values()))
    posteriors = vae.encode(real)
    nats = posteriors.nats()
    chosen = chosen_rows(len(real), judging)
    made = decoded(vae, posteriors.mean[chosen], class_weights(kinds[chosen]), params.seed)
    figures: dict[str, Any] = {
        "active_units": active_units(nats),
        "latent_dim": len(nats),
        "nats": float(nats.sum()),
        "nats_by_unit": np.sort(nats)[::-1][:256].tolist(),
        **reconstructed(made, real[chosen], kinds[chosen], vae.audio.sample_rate),
        "priors": {
            name: prior_figures(replace(vae, prior=name), counts, reference, judging) for name in vae.prior_names
        },
    }
    figures["reconstruction"]["hop_periodicity"] = buzz_of(made, kinds[chosen], vae.module.hop)
    return figures


def chosen_rows(count: int, judging: Judging) -> np.ndarray:
    """Rows of the reference that are reconstructed, sorted."""
    rng = np.random.default_rng(judging.params.seed)
    return np.sort(rng.permutation(count)[: judging.params.reconstructions])


def evaluate_vae(
    vae: TrainedVae, real: np.ndarray, kinds: np.ndarray, counts: np.ndarray, judging: Judging
) -> tuple[dict[str, Any], Heard]:
    """Figures beside those that any generator has (see drumspace.synth.evaluation.evaluate), and sounds to hear.

    Arguments as in `latent_figures`.
    """
    params = judging.params
    reference = next(iter(judging.references.values()))
    figures = latent_figures(vae, real, kinds, counts, judging)
    means = vae.encode(real).mean
    chosen = chosen_rows(len(real), judging)
    first = [int(rows[0]) for index in range(len(CLASSES)) if len(rows := chosen[kinds[chosen] == index])]
    pairs = pairs_of(kinds, params.interpolations, np.random.default_rng(params.seed))
    figures["walks"], walks = walk_figures(vae, means, kinds, pairs, reference, params.seed)
    figures["directions"], rows = direction_figures(vae, means, kinds, params.axes)
    anew = decoded(vae, means[first], class_weights(kinds[first]), params.seed)
    ends = {"from": CLASSES[kinds[pairs[0][0]]], "to": CLASSES[kinds[pairs[0][1]]]} if pairs else {}
    heard = Heard(
        reconstructions=to_pcm(np.stack([real[first], anew], axis=1)),
        walks=to_pcm(walks),
        directions=to_pcm(rows),
        told={
            "reconstructions": [{"class": CLASSES[kinds[row]]} for row in first],
            "walks": [{"path": path, **ends} for path in WALKS[: len(walks)]],
            "directions": figures["directions"],
            "blocks": blocks_of(vae.module, vae.audio.num_samples),
        },
    )
    return figures, heard


def decoded(vae: TrainedVae, latents: Tensor, classes: Tensor | None, seed: int, alike: bool = False) -> np.ndarray:
    """All of `latents` [n, size] at once: float32 [n, T]; see TrainedVae.decode."""
    return np.concatenate(list(vae.decode(latents, classes, seed, alike)))


def buzz_of(waves: np.ndarray, kinds: np.ndarray, hop: int) -> float | None:
    """`hop_periodicity` of reconstructions, where some are of noisy classes."""
    try:
        return float(periodicity(waves, kinds, hop)["hop_periodicity"])
    except NotMeasured:
        return None


def prior_figures(vae: TrainedVae, counts: np.ndarray, reference: Reference, judging: Judging) -> dict[str, Any]:
    """Sounds from one prior, as the first judge hears them."""
    params = judging.params
    drawn = draw(vae, counts, params.seed, vae.audio.num_samples)
    if not len(drawn.waves):
        return {**dict.fromkeys(PRIOR), "n": 0, "not_measured": [{"what": "everything", "why": "no sound was made"}]}
    points, probabilities = reference.hear(drawn.waves)
    entry = cloud(points, reference.points, reference.sigma, params).closed()
    told = drawn.asked >= 0
    heard = None
    if told.any():
        heard, _ = agreement(drawn.asked[told], probabilities[told].argmax(axis=1), len(CLASSES))
    figures = {**entry, "class_agreement": heard}
    return {**{name: figures[name] for name in PRIOR}, "n": len(points), "not_measured": entry["not_measured"]}


def pairs_of(kinds: np.ndarray, count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Rows of `count` pairs of sounds of two classes, drawn at random."""
    present = np.unique(kinds)
    if len(present) < 2:
        return []
    pairs = []
    for _ in range(count):
        begin, end = rng.choice(present, 2, replace=False)
        pairs.append((int(rng.choice(np.flatnonzero(kinds == begin))), int(rng.choice(np.flatnonzero(kinds == end)))))
    return pairs


def walk_figures(
    vae: TrainedVae,
    means: Tensor,
    kinds: np.ndarray,
    pairs: list[tuple[int, int]],
    reference: Reference,
    seed: int,
    steps: int = 9,
) -> tuple[dict[str, Any], np.ndarray]:
    """Of each kind of way: how much longer it is than the straight line, as the judge hears it, and what it passes.

    between: share of the steps that are heard as one of the two ends' classes. Returns the first pair's sounds too:
    [ways, steps, T].
    """
    figures: dict[str, Any] = {}
    shown = []
    for path in WALKS:
        if not pairs:
            break
        points, between = [], []
        for number, (begin, end) in enumerate(pairs):
            latents = walk(means[begin], means[end], steps, path)
            ends = class_weights(kinds[[begin, end]])
            waves = decoded(vae, latents, walk(ends[0], ends[1], steps, "linear"), seed, alike=True)
            place, probabilities = reference.hear(waves)
            points.append(place)
            between.append(np.isin(probabilities.argmax(axis=1), kinds[[begin, end]]).mean())
            if not number:
                shown.append(waves)
        ratio = path_ratio(np.stack(points))
        figures[path] = {"path_ratio": float(np.nanmean(ratio)), "between": float(np.mean(between)), "n": len(pairs)}
    empty = np.empty((0, steps, vae.audio.num_samples), dtype=np.float32)
    return figures, np.stack(shown) if shown else empty


def direction_figures(
    vae: TrainedVae, means: Tensor, kinds: np.ndarray, count: int
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """What each of the first axes changes, from the middle of each class; and the sounds along it: [axes, steps, T].

    Those to hear start from the middle of the class in which the axis changes most of what it is named by.
    """
    if vae.priors is None:
        return [], np.empty((0, len(STEPS), vae.audio.num_samples), dtype=np.float32)
    present = np.unique(kinds)
    middles = torch.stack([means[torch.from_numpy(kinds == index)].mean(dim=0) for index in present])
    grid = grid_of(vae.priors.axes, middles, count)
    waves = decoded(vae, grid.latents, class_weights(present[grid.places.numpy()]), 0, alike=True)
    found = directions_of(waves, grid.axes, vae.audio.sample_rate)
    rows = waves.reshape(grid.axes, len(present), len(STEPS), -1)
    shown = [present_row(rows[axis]) for axis in range(grid.axes)]
    for axis, place in enumerate(shown):
        found[axis]["shown"] = CLASSES[present[place]]
    return found, np.stack([rows[axis, place] for axis, place in enumerate(shown)])


def present_row(waves: np.ndarray) -> int:
    """Which of [places, steps, T] changes most from its first sound to its last, in relation to its energy."""
    change = np.square(waves[:, -1] - waves[:, 0]).sum(axis=1)
    return int((change / np.maximum(np.square(waves).sum(axis=(1, 2)), 1e-9)).argmax())
