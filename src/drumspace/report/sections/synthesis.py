"""Generated sounds: how far they are from real ones, beside what any figure is read against, and to hear."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.report.audio_card import AudioCard, audio_card
from drumspace.report.inputs import Inputs
from drumspace.taxonomy import CLASSES

TITLES = {
    "floor": ("real sounds", "of other kits: the floor"),
    "floor_as_they_come": ("real sounds as they come", "what an unconditional generator learns from"),
    "reference": ("real, of the reference", ""),
    "drum_machine": ("drum machine", "procedural, learns nothing"),
    "wavegan": ("WaveGAN", "trained on the training kits, knows no classes"),
    "vae": ("VAE", "network over frames, shaped noise, inverse STFT"),
    "vaegan": ("VAE-GAN", "the VAE's decoder against discriminators"),
    "sing": ("SING as a VAE", "the thesis's"),
    "noisy_real_weak": ("real, a little noise", ""),
    "noisy_real": ("real, with noise", ""),
    "noisy_real_strong": ("real, loud noise", ""),
    "repeated": ("one real sound", "again and again"),
    "noise": ("noise", "bursts that decay"),
    "silence": ("silence", ""),
    "griffin_lim": ("Griffin-Lim", "phase found by iteration"),
    "mcnn": ("MCNN", "phase found by a small network"),
}
INVERSIONS = ("griffin_lim", "mcnn")
MADE = ("drum_machine", "wavegan", "sing", "vae", "vaegan")
"""Sets of new sounds: each beside the training sound that it is nearest to."""
ROWS = (("floor", *MADE, "noisy_real_strong"), ("reference", *INVERSIONS))
"""Sets to hear side by side, in two rows: new sounds, and the inversions beside the real sounds that they invert."""


@dataclass(frozen=True)
class Row:
    """A set of sounds and its figures."""

    key: str
    title: str
    note: str
    bound: bool
    """A floor or a ceiling, not a generator."""
    figures: dict[str, Any]


@dataclass(frozen=True)
class Synthesis:
    """What the section shows."""

    judge: dict[str, Any]
    judges: dict[str, dict[str, Any]]
    rows: list[Row]
    inversions: list[Row]
    inverted: list[str]
    """Classes that were inverted."""
    reference: dict[str, Any]
    trained_floor: bool
    trained: dict[str, dict[str, int]]
    beyond: list[str]
    """Sets of real or made sounds that lie farther from the reference than noise."""
    halved: int
    """Sets that could be cut in two."""
    unstable: list[str]
    """Of these, those whose halves do not have distances within each other's interval."""
    classes: tuple[str, ...]
    heard: list[tuple[str, list[list[AudioCard]]]]
    """For each class, the rows of clips to hear."""
    worst: float | None
    """The largest kernel distance, for the bars."""


def row_of(key: str, figures: dict[str, Any]) -> Row:
    """A row with its title."""
    title, note = TITLES.get(key, (key, ""))
    bound = key in ("floor", "floor_as_they_come", "noise", "silence", "repeated") or key.startswith("noisy_real")
    return Row(key, title, note, bound, figures)


def clips_of(key: str, inputs: Inputs) -> Iterator[tuple[str | None, AudioCard]]:
    """Sounds of a set to hear, with the class asked for; after a new one the training sound that is nearest to it."""
    pcm, told = inputs.sounds.get(key, (np.empty((0, 1), dtype=np.int16), []))
    for wave, of in zip(pcm, told, strict=True):
        label, near = of["asked"], of["nearest"] if key in MADE else None
        yield label, audio_card(row_of(key, {}).title, wave, label, inputs)
        found = inputs.wave(near) if near else None
        if found:
            path, nearest = found
            yield label, audio_card(f"its nearest in training: {path}", nearest, label, inputs)


def is_stable(halves: list[dict[str, Any]]) -> bool:
    """Whether the distances of two halves lie within each other's interval."""
    first, second = halves
    return all(
        one["kernel_distance_ci95"][0] <= other["kernel_distance"] <= one["kernel_distance_ci95"][1]
        for one, other in ((first, second), (second, first))
    )


def beyond_noise(rows: list[Row]) -> list[str]:
    """Titles of the sets, but silence and a single sound, that lie farther than noise."""
    distances = {row.key: row.figures["kernel_distance"] for row in rows}
    noise = distances.get("noise")
    if noise is None:
        return []
    others = [row for row in rows if row.key not in ("noise", "silence", "repeated")]
    return [row.title for row in others if (row.figures["kernel_distance"] or 0) > noise]


def heard_of(inputs: Inputs) -> list[tuple[str, list[list[AudioCard]]]]:
    """The first sound of each class of each set; sets that know no classes under a heading of their own."""
    found: dict[str | None, list[list[AudioCard]]] = {label: [[] for _ in ROWS] for label in (*CLASSES, None)}
    for number, keys in enumerate(ROWS):
        for key in keys:
            for label, clip in clips_of(key, inputs):
                found[label][number].append(clip)
    rows = {label or "no class asked for": [row for row in of if row] for label, of in found.items()}
    return [(name, of) for name, of in rows.items() if of]


def context(inputs: Inputs) -> Synthesis:
    """The section from its inputs."""
    figures = inputs.synthesis
    entries = {
        key: figures[key] for key in figures if isinstance(figures[key], dict) and "kernel_distance" in figures[key]
    }
    rows = [row_of(key, entry) for key, entry in entries.items() if key not in INVERSIONS]
    rows.sort(key=lambda row: (row.figures["kernel_distance"] is None, row.figures["kernel_distance"] or 0))
    distances = [row.figures["kernel_distance"] for row in rows if row.figures["kernel_distance"] is not None]
    inversions = [row_of(key, entries[key]) for key in INVERSIONS if key in entries]
    halves = {key: entry["halves"] for key, entry in entries.items() if entry.get("halves")}
    return Synthesis(
        judge=figures.get("judge") or {},
        judges=figures.get("judges") or {},
        rows=rows,
        inversions=inversions,
        inverted=[
            label for label in CLASSES if any(label in (row.figures.get("reconstruction") or {}) for row in inversions)
        ],
        reference=figures.get("reference") or {},
        trained_floor=bool(figures.get("floor_is_trained_on")),
        trained=figures.get("trained") or {},
        beyond=beyond_noise(rows),
        halved=len(halves),
        unstable=[row_of(key, {}).title for key, pair in halves.items() if not is_stable(pair)],
        classes=CLASSES,
        heard=heard_of(inputs),
        worst=max([value for value in distances if value > 0], default=None),
    )
