"""Tables of VAEs: what each choice brings, the two architectures on the corpus, speeds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.tables.doc_tables import BENCHMARKS, CORPUS, number, rows_to_text
from drumspace.io.json_files import read_json

TITLES = {"vae": "`vae`: frames, shaped noise, inverse STFT", "sing": "`sing`: the thesis's"}
PRIORS = {"normal": "N(0, I)", "mixture": "Gaussian mixture a class", "flow": "flow"}


def ablations() -> str:
    """Every variant at the default budget, by each prior."""
    found = read_json(BENCHMARKS / "ablations.json")
    rows = []
    for name, of in found.items():
        by = of["priors"]
        rows.append(
            [
                name,
                f"{of['steps']:,}",
                number(of["nats"], 0),
                f"{of['active_units']} of {of['latent_dim']:,}",
                number(of["mrstft"], 2),
                number(of["log_spectral_distance"], 1),
                number(of["hop_periodicity"], 2),
                *(number(by[prior]["kernel_distance"], 3) for prior in PRIORS),
                *(number(by[prior]["coverage"], 2) for prior in PRIORS),
                *(number(by[prior]["class_agreement"], 2) for prior in PRIORS),
            ]
        )
    three = [f"{what}, {title}" for what in ("kernel distance", "coverage", "class heard") for title in PRIORS.values()]
    head = ["one thing changed", "steps", "nats", "active units", "MR-STFT", "log-spectral (dB)", "buzz", *three]
    return rows_to_text(head, rows)


def vaes() -> str:
    """The two on the corpus: reconstructions, latents, samples."""
    found = read_json(CORPUS / "vae.json")
    times = read_json(CORPUS / "timings.json").get("train_vae", {})
    rows = []
    for name, title in TITLES.items():
        of: dict[str, Any] = found[name]
        trained = found["trained"][name]
        made = of["reconstruction"]
        rows.append(
            [
                title,
                f"{trained['width']:,}",
                f"{trained['steps']:,}",
                number(times[name]["training_seconds"], 0) if name in times else "–",
                number(of["nats"], 0),
                f"{of['active_units']} of {of['latent_dim']:,}",
                number(of["mrstft"], 2),
                number(of["log_spectral_distance"], 1),
                number(made["all"]["mel_distance"], 1),
                number(made["hop_periodicity"], 2),
            ]
        )
    head = ["VAE", "width", "best step", "seconds", "nats", "active units", "MR-STFT", "log-spectral (dB)", "mel (dB)"]
    return rows_to_text([*head, "buzz, made anew"], rows)


def priors() -> str:
    """What each prior gives on the corpus."""
    found = read_json(CORPUS / "vae.json")
    rows = [
        [
            f"`{name}`",
            title,
            number(of["kernel_distance"], 4),
            number(of["coverage"], 2),
            number(of["precision"], 2),
            number(of["class_agreement"], 2),
            f"{of['n']:,}",
        ]
        for name in TITLES
        for prior, title in PRIORS.items()
        if (of := found[name]["priors"].get(prior))
    ]
    return rows_to_text(["VAE", "latents from", "kernel distance", "coverage", "precision", "class heard", "n"], rows)


def widths() -> str:
    """SING's widths in the same time."""
    found = read_json(CORPUS / "sing_widths.json")
    rows = [
        [
            width,
            f"{of['steps']:,}",
            number(of["seconds"], 0),
            number(of["validation_reconstruction"]),
            number(of["validation_loss"]),
            number(of["validation_kl"], 0),
        ]
        for width, of in found["widths"].items()
    ]
    return rows_to_text(["width", "steps", "seconds", "reconstruction", "loss", "nats"], rows)


def speed() -> str:
    """Generation, and a step of SING."""
    found = read_json(BENCHMARKS / "vae.json")
    made, step = found["generation"], found["sing_step"]
    rows = [
        [f"{made['sounds']:,} sounds, times real time", number(made["times_real_time"], 0)],
        ["one sound (ms, median of 50)", number(made["single_ms"], 1)],
        [f"a step of `sing`, width {step['width']}, beside a plain rendering", f"{step['ratio']:.2f} times as fast"],
    ]
    return rows_to_text(["what", "figure"], rows)


def rendering() -> str:
    """Real sounds taken apart and rendered anew."""
    found = read_json(BENCHMARKS / "rendering.json")
    rows = [
        [
            name,
            number(of["kernel_distance"], 4),
            number(of["coverage"], 2),
            number(of["right"], 2),
            f"{found['n']:,}",
        ]
        for name, of in found["renderings"].items()
    ]
    return rows_to_text(["what is kept of real sounds", "kernel distance", "coverage", "class heard", "n"], rows)


def mixtures(folder: Path) -> str:
    """How finely the mixture may follow the latents."""
    found = read_json(folder / "mixtures.json")["mixtures"]
    judges = list(next(iter(found.values()))["judges"])
    rows = [
        [
            name,
            *(number(of["judges"][judge]["kernel_distance"], 4) for judge in judges),
            *(number(of["judges"][judge]["coverage"], 2) for judge in judges),
            number(of["novelty"], 2),
            number(of["copies"], 3),
            number(of["near_duplicates"], 3),
        ]
        for name, of in found.items()
    ]
    by = [f"{what}, `{judge}`" for what in ("kernel distance", "coverage") for judge in judges]
    return rows_to_text(["Gaussians a class", *by, "novelty", "copies", "alike among them"], rows)


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
