"""Tables of VAEs: ablations, the two architectures on the corpus, speed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.tables.doc_tables import BENCHMARKS, CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json

TITLES = {"vae": "`vae`: inverse STFT with shaped noise", "sing": "`sing`: as in the thesis"}
PRIORS = {"normal": "N(0, I)", "mixture": "Gaussian mixture per class", "flow": "flow"}


def ablations() -> str:
    """All variants with each prior."""
    results = read_json(BENCHMARKS / "ablations.json")
    rows = []
    for name, entry in results.items():
        by = entry["priors"]
        rows.append(
            [
                name,
                f"{entry['steps']:,}",
                number(entry["kl_nats"], 0),
                f"{entry['active_units']} of {entry['latent_dim']:,}",
                number(entry["mrstft"], 2),
                number(entry["log_spectral_distance"], 1),
                number(entry["hop_periodicity"], 2),
                *(number(by[prior]["kernel_distance"], 3) for prior in PRIORS),
                *(number(by[prior]["coverage"], 2) for prior in PRIORS),
                *(number(by[prior]["class_agreement"], 2) for prior in PRIORS),
            ]
        )
    columns = [
        f"{figure}, {title}"
        for figure in ("kernel distance", "coverage", "class agreement")
        for title in PRIORS.values()
    ]
    head = ["change", "steps", "KL (nats)", "active units", "MR-STFT", "log-spectral (dB)", "buzz", *columns]
    return rows_to_text(head, rows)


def vaes() -> str:
    """Both VAEs on the corpus: reconstructions and latents."""
    results = read_json(CORPUS / "vae.json")
    times = read_json(CORPUS / "timings.json").get("train_vae", {})
    rows = []
    for name, title in TITLES.items():
        entry: dict[str, Any] = results[name]
        trained = results["trained"][name]
        reconstruction = entry["reconstruction"]
        rows.append(
            [
                title,
                f"{trained['width']:,}",
                f"{trained['steps']:,}",
                number(times[name]["training_seconds"], 0) if name in times else "–",
                number(entry["kl_nats"], 0),
                f"{entry['active_units']} of {entry['latent_dim']:,}",
                number(entry["mrstft"], 2),
                number(entry["log_spectral_distance"], 1),
                number(reconstruction["all"]["mel_distance"], 1),
                number(reconstruction["hop_periodicity"], 2),
            ]
        )
    head = [
        "VAE",
        "width",
        "best step",
        "seconds",
        "KL (nats)",
        "active units",
        "MR-STFT",
        "log-spectral (dB)",
        "mel (dB)",
    ]
    return rows_to_text([*head, "buzz of reconstructions"], rows)


def priors() -> str:
    """Samples of each prior on the corpus."""
    results = read_json(CORPUS / "vae.json")
    rows = [
        [
            f"`{name}`",
            title,
            number(entry["kernel_distance"], 4),
            number(entry["coverage"], 2),
            number(entry["precision"], 2),
            number(entry["class_agreement"], 2),
            f"{entry['n']:,}",
        ]
        for name in TITLES
        for prior, title in PRIORS.items()
        if (entry := results[name]["priors"].get(prior))
    ]
    return rows_to_text(["VAE", "prior", "kernel distance", "coverage", "precision", "class agreement", "n"], rows)


def widths() -> str:
    """Widths of SING for the same training time."""
    results = read_json(CORPUS / "sing_widths.json")
    rows = [
        [
            width,
            f"{entry['steps']:,}",
            number(entry["seconds"], 0),
            number(entry["validation_reconstruction"]),
            number(entry["validation_loss"]),
            number(entry["validation_kl"], 0),
        ]
        for width, entry in results["widths"].items()
    ]
    return rows_to_text(["width", "steps", "seconds", "reconstruction", "loss", "KL (nats)"], rows)


def speed() -> str:
    """Speed of generation, and of a step of SING."""
    results = read_json(BENCHMARKS / "vae.json")
    generation, step = results["generation"], results["sing_step"]
    rows = [
        [f"{generation['sounds']:,} sounds, times real time", number(generation["times_real_time"], 0)],
        ["one sound (ms, median of 50)", number(generation["single_ms"], 1)],
        [
            f"a step of `sing`, width {step['width']}, compared with a plain implementation",
            f"{step['ratio']:.2f} times as fast",
        ],
    ]
    return rows_to_text(["speed", "figure"], rows)


def rendering() -> str:
    """Real sounds, analysed and rendered."""
    results = read_json(BENCHMARKS / "rendering.json")
    rows = [
        [
            name,
            number(entry["kernel_distance"], 4),
            number(entry["coverage"], 2),
            number(entry["class_agreement"], 2),
            f"{results['n']:,}",
        ]
        for name, entry in results["renderings"].items()
    ]
    return rows_to_text(["rendering of real sounds", "kernel distance", "coverage", "class agreement", "n"], rows)


def mixtures(folder: Path) -> str:
    """Mixtures of more and more Gaussians."""
    results = read_json(folder / "mixtures.json")["mixtures"]
    judges = list(next(iter(results.values()))["judges"])
    rows = [
        [
            name,
            *(number(entry["judges"][judge]["kernel_distance"], 4) for judge in judges),
            *(number(entry["judges"][judge]["coverage"], 2) for judge in judges),
            number(entry["novelty"], 2),
            number(entry["memorization"], 3),
            number(entry["near_duplicates"], 3),
        ]
        for name, entry in results.items()
    ]
    by = [f"{figure}, `{judge}`" for figure in ("kernel distance", "coverage") for judge in judges]
    return rows_to_text(["Gaussians per class, of at least", *by, "novelty", "copies", "near-duplicates"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "ablations": ablations,
    "mixtures": lambda: mixtures(BENCHMARKS),
    "mixtures of ten thousand": lambda: mixtures(CORPUS),
    "vaes": vaes,
    "priors": priors,
    "sing widths": widths,
    "rendering": rendering,
    "vae speed": speed,
}
