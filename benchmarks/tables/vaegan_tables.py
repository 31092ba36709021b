"""Tables of VAE-GANs: costs of discriminators, variants, the thesis's strategies, the corpus."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import BENCHMARKS, CORPUS, number, rows_to_text
from benchmarks.tables.synthesis_tables import interval
from drumspace.io.json_files import read_json

Entry = dict[str, Any]
START, DEFAULT = "VAE before adversarial training", "as in params.yaml"


def costs() -> str:
    """Cost of a step of each discriminator at each width."""
    results = read_json(BENCHMARKS / "discriminator_costs.json")
    rows = [
        [
            f"`{name}`",
            width,
            f"{entry['parameters'] / 1000:,.0f} k",
            number(entry["update_seconds"], 2),
            number(entry["generator_seconds"], 2),
            number(entry["ratio"], 1),
        ]
        for name, widths in results["discriminators"].items()
        for width, entry in widths.items()
    ]
    return rows_to_text(
        ["discriminator", "width", "weights", "its update (s)", "generator's part (s)", "relative to a VAE step"], rows
    )


def discriminator_auc() -> str:
    """AUC of discriminators against a fixed VAE."""
    results = read_json(BENCHMARKS / "discriminator_auc.json")["discriminators"]
    rows = [
        [name, number(entry["step_seconds"], 2), number(entry["decoded"], 2), number(entry["postprocessed"], 2)]
        for name, entry in results.items()
    ]
    head = ["discriminator", "seconds per step", "AUC, decoder output", "AUC, post-processed"]
    return rows_to_text(head, rows)


def adversarial(group: str) -> list[tuple[str, Entry]]:
    """Variants of a group, after their baselines."""
    results = read_json(BENCHMARKS / "adversarial.json")
    first = {"two_stage": [START], "sets": [START, DEFAULT]}.get(group, [])
    return [
        *((name, results[name]) for name in first),
        *((name, entry) for name, entry in results.items() if entry["group"] == group),
    ]


def judge_cells(entry: Entry) -> list[str]:
    """Kernel distance and coverage by each judge."""
    if "judges" not in entry:
        return ["–"] * len(JUDGE_COLUMNS)
    judges = entry["judges"].values()
    return [number(judge[key], places) for key, places in (("kernel_distance", 4), ("coverage", 2)) for judge in judges]


def between(values: list[float]) -> str:
    """Smallest and largest value."""
    return f"{number(min(values), 2)} to {number(max(values), 2)}"


JUDGE_COLUMNS = ["kernel distance, first judge", "second", "coverage, first judge", "second"]


def comparison(group: str) -> str:
    """Samples, reconstructions and cost of a group's variants."""
    rows = [
        [
            name,
            number(entry.get("training_seconds"), 0),
            number(entry.get("discriminators_seconds"), 2),
            *judge_cells(entry),
            number(next(iter(entry["judges"].values()))["class_agreement"], 2),
            number(entry["mrstft"], 2),
            number(entry["log_spectral_distance"], 1),
            number(entry["hop_periodicity"], 3),
        ]
        for name, entry in adversarial(group)
    ]
    head = ["variant", "seconds", "discriminators' step (s)", *JUDGE_COLUMNS]
    return rows_to_text([*head, "class agreement", "MR-STFT", "log-spectral (dB)", "buzz"], rows)


def failures() -> str:
    """Outcome of each of the thesis's strategies."""
    rows = []
    for name, entry in adversarial("thesis"):
        discriminator, history = entry["discriminator"], entry["history"]
        stopped = entry["stopped"]
        collapsed = entry["collapsed_at"]
        rows.append(
            [
                name,
                "–" if stopped is None else f"{stopped['step']:,}",
                "–"
                if collapsed is None
                else "first evaluation"
                if collapsed == history[0]["step"]
                else f"{collapsed:,}",
                between([each["discriminator_loss"] for each in discriminator]) if discriminator else "–",
                number(discriminator[-1]["discriminator_accuracy_generated"], 2) if discriminator else "–",
                number(history[-1]["samples_coverage"], 2) if history else "–",
                number(history[-1]["samples_diversity"], 2) if history else "–",
                *judge_cells(entry),
                number(entry.get("mrstft"), 2),
            ]
        )
    head = [
        "strategy",
        "stopped at step",
        "mode collapse from step",
        "discriminator's loss",
        "accuracy on generated sounds",
    ]
    return rows_to_text([*head, "coverage, validation", "diversity, validation", *JUDGE_COLUMNS, "MR-STFT"], rows)


def corpus() -> str:
    """The VAE-GAN compared with its VAE, on the corpus."""
    results = read_json(CORPUS / "vae.json")
    rows = []
    for title, key, places in (
        ("kernel distance", "kernel_distance", 4),
        ("coverage", "coverage", 2),
        ("class agreement", "class_agreement", 2),
    ):
        for judge in (None, *results["vae"]["judges"]):
            first, second = (
                results[name][key] if judge is None else results[name]["judges"][judge][key]
                for name in ("vae", "vaegan")
            )
            judge_name = results["judge"]["name"] if judge is None else judge
            cells = [number(first, places), number(second, places)]
            if key == "kernel_distance":
                entries = (
                    results[name] if judge is None else results[name]["judges"][judge] for name in ("vae", "vaegan")
                )
                cells = [interval(entry, key) for entry in entries]
            rows.append([f"{title}, `{judge_name}`", *cells, number(second / first, 2)])
    for title, key, places in (
        ("MR-STFT, reconstruction", "mrstft", 3),
        ("log-spectral distance, reconstruction (dB)", "log_spectral_distance", 2),
        ("buzz", "hop_periodicity", 3),
    ):
        first, second = (results[name][key] for name in ("vae", "vaegan"))
        ratio = "–" if key == "hop_periodicity" else number(second / first, 2)
        rows.append([title, number(first, places), number(second, places), ratio])
    return rows_to_text(["figure", "VAE", "VAE-GAN", "ratio"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "discriminator costs": costs,
    "discriminator auc": discriminator_auc,
    "discriminator sets": lambda: comparison("sets"),
    "two stages": lambda: comparison("two_stage"),
    "failures": failures,
    "vaegan": corpus,
}
