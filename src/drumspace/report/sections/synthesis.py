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


@dataclass(frozen=True)
class Synthesis:
    """What the section shows."""

    judge: dict[str, Any]
    judges: dict[str, dict[str, Any]]
    rows: list[Row]
    inversions: list[Row]
    reference: dict[str, Any]
    trained_floor: bool
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


def clip_of(key: str, pcm: np.ndarray, label: str | None, inputs: Inputs) -> Clip:
    """A sound, int16 [T], with its mel spectrogram."""
    mel = mel_spectrogram(to_wave(pcm), inputs.audio.sample_rate, inputs.features.mel).numpy()
    # Every other value: pictures are small here.
    picture = pictures.heat(mel[::2, ::2], inputs.features.mel.floor_db + mel.max(), mel.max(), "magma")
    title = TITLES.get(key, (key, ""))[0]
    return Clip(
        title, pictures.flac(pcm, inputs.audio.sample_rate), picture, f"Mel spectrogram: {title}, {label or 'no class'}"
    )


def heard_of(inputs: Inputs) -> list[tuple[str, list[Clip]]]:
    """The first sound of each class of each set; sets that know no classes under a heading of their own."""
    found: dict[str, list[Clip]] = {}
    for key in SIDE_BY_SIDE:
        pcm, labels = inputs.sounds.get(key, (np.empty((0, 1), dtype=np.int16), []))
        for wave, label in list(zip(pcm, labels, strict=True)):
            clips = found.setdefault(label or "no class asked for", [])
            clips.append(clip_of(key, wave, label, inputs))
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
    return Synthesis(
        judge=figures.get("judge") or {},
        judges=figures.get("judges") or {},
        rows=rows,
        inversions=[row_of(key, entries[key]) for key in INVERSIONS if key in entries],
        reference=figures.get("reference") or {},
        trained_floor=bool(figures.get("floor_is_trained_on")),
        classes=CLASSES,
        heard=heard_of(inputs),
        worst=max([value for value in distances if value > 0], default=None),
    )
