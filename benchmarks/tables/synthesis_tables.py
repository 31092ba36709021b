"""Tables of the figures of generated sounds on the corpus."""

from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.tables.doc_tables import CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json
from drumspace.taxonomy import CLASSES

Entry = dict[str, Any]
NAMES = {
    "floor": "floor: real sounds of other kits",
    "floor_as_they_come": "real sounds of the training kits, in their own class proportions",
    "vaegan": "VAE-GAN",
    "vae": "VAE",
    "sing": "SING as a VAE, as in the thesis",
    "drum_machine": "drum machine",
    "wavegan": "WaveGAN",
    "noisy_real_weak": "real sounds with noise, -60 dB",
    "noisy_real": "real sounds with noise, -40 dB",
    "noisy_real_strong": "real sounds with noise, -20 dB",
    "repeated": "one real sound, repeated",
    "noise": "decaying noise",
    "silence": "silence",
}


def figures() -> dict[str, Any]:
    """synthesis.json of the corpus, with the VAEs of a run with the same judges and reference."""
    results: dict[str, Any] = read_json(CORPUS / "synthesis.json")
    vaes: dict[str, Any] = read_json(CORPUS / "vae.json")
    return {**results, **{name: vaes[name] for name in ("vae", "sing", "vaegan") if name in vaes}}


def interval(entry: Entry, key: str, places: int = 4) -> str:
    """Figure with its interval."""
    limits = entry.get(f"{key}_ci95")
    low_high = f" ({number(limits[0], places)} to {number(limits[1], places)})" if limits else ""
    return f"{number(entry[key], places)}{low_high}"


def by_distance(results: dict[str, Any], names: Iterable[str]) -> list[tuple[str, Entry]]:
    """Sets of sounds by kernel distance; those without one last."""

    def key(pair: tuple[str, Entry]) -> tuple[bool, float]:
        distance = pair[1]["kernel_distance"]
        return distance is None, distance or 0.0

    return sorted(((name, results[name]) for name in names if name in results), key=key)


def judges() -> str:
    """Accuracy of each judge on real sounds."""
    results = figures()
    rows = [
        [
            f"`{judge['name']}`",
            judge["weights"],
            f"{judge['trained_on']:,}",
            interval(judge, "accuracy", 3),
            number(judge["macro_recall"]),
            f"{judge['n']:,}",
        ]
        for judge in (results["judge"], *results["judges"].values())
    ]
    return rows_to_text(["judge", "initial weights", "training sounds", "accuracy (95 %)", "macro recall", "n"], rows)


def sounds() -> str:
    """Figures of every set of sounds, the nearest first."""
    results = figures()
    others = list(results["judges"])
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
        for name, entry in by_distance(results, NAMES)
    ]
    by = [f"by `{other}`" for other in others]
    head = ["sounds", "kernel distance (95 %)", *by, "FAD", "precision", "coverage", "class agreement"]
    return rows_to_text([*head, "spread", "novelty", "buzz", "n"], rows)


def brief() -> str:
    """Figures for the README."""
    results = figures()
    names = ("floor", "vaegan", "vae", "sing", "drum_machine", "noisy_real_strong", "noise", "wavegan", "silence")
    rows = [
        [
            NAMES[name],
            interval(entry, "kernel_distance", 3),
            number(entry["coverage"], 2),
            number(entry["class_agreement"], 2),
        ]
        for name, entry in by_distance(results, names)
    ]
    return rows_to_text(["sounds", "kernel distance (95 %)", "coverage", "class agreement"], rows)


def halves() -> str:
    """Kernel distances of two halves of each set."""
    results = figures()
    rows = []
    for name in NAMES:
        pair = results.get(name, {}).get("halves")
        if pair:
            rows.append([NAMES[name], *(interval(half, "kernel_distance") for half in pair), f"{pair[0]['n']:,}"])
    return rows_to_text(["sounds", "first half", "second half", "n"], rows)


def inversions() -> str:
    """Errors of inversions of true magnitudes, overall and by class."""
    results = figures()
    rows = []
    for name, title in (("griffin_lim", "Griffin-Lim"), ("mcnn", "MCNN")):
        by_class = (results.get(name) or {}).get("reconstruction") or {}
        for label in ("all", *CLASSES):
            if label in by_class:
                figure = by_class[label]
                cells = [number(figure[key], places) for key, places in (("mrstft", 2), ("log_spectral_distance", 1))]
                cells += [number(figure[key], 1) for key in ("mel_distance", "onset_ms", "envelope_db")]
                rows.append([title, label, *cells, f"{figure['n']:,}"])
    head = ["inversion", "class", "MR-STFT", "log-spectral (dB)", "mel (dB)", "onset (ms)", "envelope (dB)", "n"]
    return rows_to_text(head, rows)


def seconds() -> str:
    """Seconds of the stages, and of the evaluation of each set of sounds."""
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
    return rows_to_text(["stage", "seconds"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "judges": judges,
    "sounds": sounds,
    "sounds brief": brief,
    "halves": halves,
    "inversions": inversions,
    "synthesis seconds": seconds,
}
