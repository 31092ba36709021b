"""Generated sounds: how far they are from real ones, beside what any figure is read against, and to hear."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drumspace.artifacts import CLASSES
from drumspace.audio.spectral import mel_spectrogram, to_wave
from drumspace.report import pictures
from drumspace.report.inputs import Inputs

TITLES = {
    "floor": ("real sounds", "of other kits: the floor"),
    "floor_as_they_come": ("real sounds as they come", "what an unconditional generator learns from"),
    "reference": ("real, of the reference", ""),
    "drum_machine": ("drum machine", "procedural, learns nothing"),
    "wavegan": ("WaveGAN", "trained on the training kits, knows no classes"),
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
MADE = ("drum_machine", "wavegan")
"""Sets of new sounds: each beside the training sound that it is nearest to."""
SIDE_BY_SIDE = ("floor", "drum_machine", "wavegan", "noisy_real_strong", "reference", "griffin_lim", "mcnn")
"""Sets to hear: the inversions beside the real sounds that they invert."""


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
class Clip:
    """A sound to hear."""

    title: str
    audio: str
    picture: str
    alt: str
    nearest: str | None
    """The training sound that it is nearest to, to hear."""
    nearest_path: str | None


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
    stable: list[str]
    """Sets whose two halves have distances within each other's interval."""
    halved: int
    """Sets that could be halved."""
    classes: tuple[str, ...]
    heard: list[tuple[str, list[Clip]]]
    """For each class, a clip of each set."""
    worst: float | None
    """The largest kernel distance, for the bars."""


def row_of(key: str, figures: dict[str, Any]) -> Row:
    """A row with its title."""
    title, note = TITLES.get(key, (key, ""))
    bound = key in ("floor", "floor_as_they_come", "noise", "silence", "repeated") or key.startswith("noisy_real")
    return Row(key, title, note, bound, figures)


def clip_of(key: str, pcm: np.ndarray, told: dict[str, str | None], inputs: Inputs) -> Clip:
    """A sound, int16 [T], with its mel spectrogram."""
    label, near = told["asked"], told["nearest"] if key in MADE else None
    mel = mel_spectrogram(to_wave(pcm), inputs.audio.sample_rate, inputs.features.mel).numpy()
    # Every other value: pictures are small here.
    picture = pictures.heat(mel[::2, ::2], inputs.features.mel.floor_db + mel.max(), mel.max(), "magma")
    title = TITLES.get(key, (key, ""))[0]
    return Clip(
        title=title,
        audio=pictures.flac(pcm, inputs.audio.sample_rate),
        picture=picture,
        alt=f"Mel spectrogram: {title}, {label or 'no class'}",
        nearest=inputs.player(near) if near else None,
        nearest_path=inputs.path_of(near) if near else None,
    )


def is_stable(halves: list[dict[str, Any]]) -> bool:
    """Whether the distances of two halves lie within each other's interval."""
    first, second = halves
    return all(
        one["kernel_distance_ci95"][0] <= other["kernel_distance"] <= one["kernel_distance_ci95"][1]
        for one, other in ((first, second), (second, first))
    )


def heard_of(inputs: Inputs) -> list[tuple[str, list[Clip]]]:
    """The first sound of each class of each set; sets that know no classes under a heading of their own."""
    found: dict[str, list[Clip]] = {}
    for key in SIDE_BY_SIDE:
        pcm, told = inputs.sounds.get(key, (np.empty((0, 1), dtype=np.int16), []))
        for wave, of in zip(pcm, told, strict=True):
            clips = found.setdefault(of["asked"] or "no class asked for", [])
            clips.append(clip_of(key, wave, of, inputs))
    order = [*CLASSES, "no class asked for"]
    return [(name, found[name]) for name in order if name in found]


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
        stable=[key for key, pair in halves.items() if is_stable(pair)],
        halved=len(halves),
        classes=CLASSES,
        heard=heard_of(inputs),
        worst=max([value for value in distances if value > 0], default=None),
    )
