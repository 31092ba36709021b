"""Tables of the figures of generated sounds on the corpus."""

from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.tables.doc_tables import CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json
from drumspace.taxonomy import CLASSES

Entry = dict[str, Any]
NAMES = {
    "floor": "real sounds of other kits: the floor",
    "floor_as_they_come": "real sounds as they come, of the training kits",
    "vaegan": "the VAE-GAN",
    "vae": "the VAE",
    "sing": "SING as a VAE, the thesis's",
    "drum_machine": "drum machine",
    "wavegan": "WaveGAN",
    "noisy_real_weak": "real sounds with noise, -60 dB",
    "noisy_real": "real sounds with noise, -40 dB",
    "noisy_real_strong": "real sounds with noise, -20 dB",
    "repeated": "one real sound, again and again",
    "noise": "decaying noise",
    "silence": "silence",
}


def figures() -> dict[str, Any]:
    """synthesis.json of the corpus, with VAEs from a run of their own: same judges, same reference."""
    found: dict[str, Any] = read_json(CORPUS / "synthesis.json")
    beside: dict[str, Any] = read_json(CORPUS / "vae.json")
    return {**found, **{name: beside[name] for name in ("vae", "sing", "vaegan") if name in beside}}


def interval(entry: Entry, key: str, places: int = 4) -> str:
    """A figure and its interval."""
    limits = entry.get(f"{key}_ci95")
    low_high = f" ({number(limits[0], places)} to {number(limits[1], places)})" if limits else ""
    return f"{number(entry[key], places)}{low_high}"


def nearest_first(found: dict[str, Any], names: Iterable[str]) -> list[tuple[str, Entry]]:
    """The sets that were judged, in the order of their distance; those without one last."""

    def place(pair: tuple[str, Entry]) -> tuple[bool, float]:
        distance = pair[1]["kernel_distance"]
        return distance is None, distance or 0.0

    return sorted(((name, found[name]) for name in names if name in found), key=place)


def judges() -> str:
    """How well each judge knows real sounds."""
    found = figures()
    rows = [
        [
            f"`{judge['name']}`",
            judge["weights"],
            f"{judge['trained_on']:,}",
            interval(judge, "accuracy", 3),
            number(judge["macro_recall"]),
            f"{judge['n']:,}",
        ]
        for judge in (found["judge"], *found["judges"].values())
    ]
    return rows_to_text(["judge", "starts from", "learned from", "accuracy (95 %)", "macro recall", "n"], rows)


def sounds() -> str:
    """Every set of sounds, the nearest first."""
    found = figures()
    others = list(found["judges"])
    rows = [
        [
            NAMES[name],
            interval(entry, "kernel_distance"),
            *(number(entry["judges"][other]["kernel_distance"], 4) for other in others),
            number(entry["fad"], 1),
            number(entry["precision"], 2),
            number(entry["coverage"], 2),
            number(entry["class_agreement"], 2),
            number(entry["spread"], 2),
            number(entry["novelty"], 2),
            number(entry["hop_periodicity"], 2),
            f"{entry['n']:,}",
        ]
        for name, entry in nearest_first(found, NAMES)
    ]
    by = [f"by `{other}`" for other in others]
    head = ["sounds", "kernel distance (95 %)", *by, "FAD", "precision", "coverage", "class heard"]
    return rows_to_text([*head, "spread", "novelty", "buzz", "n"], rows)


def brief() -> str:
    """What the README says of the sets of sounds."""
    found = figures()
    names = ("floor", "vaegan", "vae", "sing", "drum_machine", "noisy_real_strong", "noise", "wavegan", "silence")
    rows = [
        [
            NAMES[name],
            interval(entry, "kernel_distance", 3),
            number(entry["coverage"], 2),
            number(entry["class_agreement"], 2),
        ]
        for name, entry in nearest_first(found, names)
    ]
    return rows_to_text(["sounds", "kernel distance (95 %)", "coverage", "class heard"], rows)


def halves() -> str:
    """Kernel distances of two halves of each set."""
    found = figures()
    rows = []
    for name in NAMES:
        pair = found.get(name, {}).get("halves")
        if pair:
            rows.append([NAMES[name], *(interval(half, "kernel_distance") for half in pair), f"{pair[0]['n']:,}"])
    return rows_to_text(["sounds", "one half", "the other", "n"], rows)


def inversions() -> str:
    """Waves found for true magnitudes: all, and by class."""
    found = figures()
    rows = []
    for name, title in (("griffin_lim", "Griffin-Lim"), ("mcnn", "MCNN")):
        by_class = (found.get(name) or {}).get("reconstruction") or {}
        for label in ("all", *CLASSES):
            if label in by_class:
                figure = by_class[label]
                cells = [number(figure[key], places) for key, places in (("mrstft", 2), ("log_spectral_distance", 1))]
                cells += [number(figure[key], 1) for key in ("mel_distance", "onset_ms", "envelope_db")]
                rows.append([title, label, *cells, f"{figure['n']:,}"])
    head = ["inversion", "class", "MR-STFT", "log-spectral (dB)", "mel (dB)", "onset (ms)", "envelope (dB)", "n"]
    return rows_to_text(head, rows)


def seconds() -> str:
    """How long the stages took, and the evaluation of each set of sounds."""
    times = read_json(CORPUS / "timings.json")
    rows = [
        [f"`{stage}`" if item == "all" else f"`{stage}@{item}`", f"{entry['seconds']:,.0f}"]
        for stage in ("judge", "train_wavegan", "train_mcnn", "train_vae", "train_vaegan", "evaluate_synthesis")
        for item, entry in times.get(stage, {}).items()
    ]
    each = times["evaluate_synthesis"]["all"]
    rows += [
        [f"evaluation of {title}", f"{each[f'{name}_evaluation_seconds']:,.0f}"]
        for name, title in NAMES.items()
        if f"{name}_evaluation_seconds" in each
    ]
    return rows_to_text(["what", "seconds"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "judges": judges,
    "sounds": sounds,
    "sounds brief": brief,
    "halves": halves,
    "inversions": inversions,
    "synthesis seconds": seconds,
}
