"""Section `synthesis`: metrics of generated sounds between their bounds, inversions, and samples to play."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from drumspace.report.audio_card import AudioCard, audio_card
from drumspace.report.inputs import Inputs
from drumspace.taxonomy import CLASSES

TITLES = {
    "floor": ("real sounds", "of other kits: the floor"),
    "floor_as_they_come": ("training sounds", "of any class: what an unconditional generator is trained on"),
    "reference": ("real, of the reference", ""),
    "drum_machine": ("drum machine", "procedural, without training"),
    "wavegan": ("WaveGAN", "unconditional, trained on the training kits"),
    "vae": ("VAE", "decoder with shaped noise and inverse STFT"),
    "vaegan": ("VAE-GAN", "the VAE's decoder trained against discriminators"),
    "sing": ("SING as a VAE", "the thesis's"),
    "noisy_real_weak": ("real, weak noise", ""),
    "noisy_real": ("real, with noise", ""),
    "noisy_real_strong": ("real, strong noise", ""),
    "repeated": ("one real sound", "repeated"),
    "noise": ("noise", "bursts with a decay"),
    "silence": ("silence", ""),
    "griffin_lim": ("Griffin-Lim", "iterative phase reconstruction"),
    "mcnn": ("MCNN", "phase reconstruction by a small network"),
}
"""Title and note of each set of sounds."""
BOUNDS = ("floor", "floor_as_they_come", "noise", "silence", "repeated")
"""Sets that bound the metrics, beside real sounds with noise."""
INVERSIONS = ("griffin_lim", "mcnn")
GENERATED = ("drum_machine", "wavegan", "sing", "vae", "vaegan")
"""Sets of new sounds; each sound is played together with the nearest training clip."""
PLAYED = (("floor", *GENERATED, "noisy_real_strong"), ("reference", *INVERSIONS))
"""Sets that are played side by side, in two rows: new sounds, and inversions with the clips that they invert."""


def title_of(key: str) -> str:
    """Title of the set of sounds `key` in synthesis.json."""
    return TITLES.get(key, (key, ""))[0]


def set_row(key: str, metrics: dict[str, Any]) -> dict[str, Any]:
    """Table row of a set of sounds: key, title, note, bound (whether it is no generator), metrics."""
    title, note = TITLES.get(key, (key, ""))
    return {
        "key": key,
        "title": title,
        "note": note,
        "bound": key in BOUNDS or key.startswith("noisy_real"),
        "metrics": metrics,
    }


def set_cards(key: str, inputs: Inputs) -> Iterator[tuple[str | None, AudioCard]]:
    """Requested class and audio card of each sample of a set, a new sound's followed by its nearest training clip."""
    pcm, rows = inputs.sounds.get(key, (np.empty((0, 1), dtype=np.int16), []))
    for wave, row in zip(pcm, rows, strict=True):
        label, clip_id = row["requested"], row["nearest"] if key in GENERATED else None
        yield label, audio_card(title_of(key), wave, label, inputs)
        clip = inputs.wave(clip_id) if clip_id else None
        if clip:
            path, nearest = clip
            yield label, audio_card(f"nearest training clip: {path}", nearest, label, inputs)


def is_stable(halves: list[dict[str, Any]]) -> bool:
    """Whether the kernel distance of each half lies within the other's interval."""
    first, second = halves
    return all(
        one["kernel_distance_ci95"][0] <= other["kernel_distance"] <= one["kernel_distance_ci95"][1]
        for one, other in ((first, second), (second, first))
    )


def beyond_noise(rows: list[dict[str, Any]]) -> list[str]:
    """Titles of the sets with a larger kernel distance than noise, apart from silence and the repeated sound."""
    distances = {row["key"]: row["metrics"]["kernel_distance"] for row in rows}
    noise = distances.get("noise")
    if noise is None:
        return []
    others = [row for row in rows if row["key"] not in ("noise", "silence", "repeated")]
    return [row["title"] for row in others if (row["metrics"]["kernel_distance"] or 0) > noise]


def played_samples(inputs: Inputs) -> list[tuple[str, list[list[AudioCard]]]]:
    """Audio cards of the samples by class, in the rows of PLAYED; those without a class under their own heading."""
    by_class: dict[str | None, list[list[AudioCard]]] = {label: [[] for _ in PLAYED] for label in (*CLASSES, None)}
    for number, keys in enumerate(PLAYED):
        for key in keys:
            for label, card in set_cards(key, inputs):
                by_class[label][number].append(card)
    filled = {label or "no class requested": [cards for cards in rows if cards] for label, rows in by_class.items()}
    return [(name, rows) for name, rows in filled.items() if rows]


def context(inputs: Inputs) -> dict[str, Any]:
    """Values for the template.

    judge, judges, reference, trained, trained_floor: as in synthesis.json; rows: sets by kernel distance; inversions;
    inverted: classes that were inverted; beyond: sets farther than noise; halved, unstable: number of sets with halves,
    and those whose halves disagree; samples: audio cards by class; worst: the largest distance, for the bars.
    """
    synthesis = inputs.synthesis
    entries = {key: each for key, each in synthesis.items() if isinstance(each, dict) and "kernel_distance" in each}
    rows = [set_row(key, entry) for key, entry in entries.items() if key not in INVERSIONS]
    rows.sort(key=lambda row: (row["metrics"]["kernel_distance"] is None, row["metrics"]["kernel_distance"] or 0))
    distances = [row["metrics"]["kernel_distance"] for row in rows if row["metrics"]["kernel_distance"] is not None]
    inversions = [set_row(key, entries[key]) for key in INVERSIONS if key in entries]
    reconstructions = [row["metrics"].get("reconstruction") or {} for row in inversions]
    halves = {key: entry["halves"] for key, entry in entries.items() if entry.get("halves")}
    return {
        "judge": synthesis.get("judge") or {},
        "judges": synthesis.get("judges") or {},
        "rows": rows,
        "inversions": inversions,
        "inverted": [label for label in CLASSES if any(label in errors for errors in reconstructions)],
        "reference": synthesis.get("reference") or {},
        "trained_floor": bool(synthesis.get("floor_is_trained_on")),
        "trained": synthesis.get("trained") or {},
        "beyond": beyond_noise(rows),
        "halved": len(halves),
        "unstable": [title_of(key) for key, pair in halves.items() if not is_stable(pair)],
        "classes": CLASSES,
        "samples": played_samples(inputs),
        "worst": max([value for value in distances if value > 0], default=None),
    }
