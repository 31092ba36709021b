"""Tables of VAE-GANs: what discriminators cost, what sets and tricks bring, how the thesis's ways fail, the corpus."""

from collections.abc import Callable
from typing import Any

from benchmarks.tables.doc_tables import BENCHMARKS, CORPUS, number, rows_to_text
from benchmarks.tables.synthesis_tables import interval
from drumspace.io.json_files import read_json

Entry = dict[str, Any]
START, USUAL = "the VAE that they start from", "as in params.yaml"


def costs() -> str:
    """A step of each discriminator at each width."""
    found = read_json(BENCHMARKS / "discriminators.json")
    rows = [
        [
            f"`{name}`",
            width,
            f"{of['parameters'] / 1000:,.0f} k",
            number(of["update_seconds"], 2),
            number(of["deceive_seconds"], 2),
            number(of["ratio"], 1),
        ]
        for name, widths in found["discriminators"].items()
        for width, of in widths.items()
    ]
    return rows_to_text(
        ["discriminator", "width", "weights", "its update (s)", "the generator's (s)", "times a step of the VAE"], rows
    )


def discriminator_auc() -> str:
    """What discriminators learn against sounds that stay as they are."""
    found = read_json(BENCHMARKS / "discriminator_auc.json")["discriminators"]
    rows = [
        [name, number(of["step_seconds"], 2), number(of["as_decoded"], 2), number(of["as_heard"], 2)]
        for name, of in found.items()
    ]
    head = ["discriminator", "seconds a step", "told apart as decoded (area)", "told apart as heard (area)"]
    return rows_to_text(head, rows)


def adversarial(group: str) -> list[tuple[str, Entry]]:
    """Variants of a group; those that go on from a VAE behind it, sets of discriminators behind that of params.yaml."""
    found = read_json(BENCHMARKS / "adversarial.json")
    before = {"two_stage": [START], "sets": [START, USUAL]}.get(group, [])
    return [
        *((name, found[name]) for name in before),
        *((name, of) for name, of in found.items() if of["group"] == group),
    ]


def judged(of: Entry) -> list[str]:
    """Kernel distance and coverage by each judge."""
    if "judges" not in of:
        return ["–"] * len(HEARD)
    judges = of["judges"].values()
    return [number(judge[key], places) for key, places in (("kernel_distance", 4), ("coverage", 2)) for judge in judges]


def between(values: list[float]) -> str:
    """The least and the greatest of them."""
    return f"{number(min(values), 2)} to {number(max(values), 2)}"


HEARD = ["kernel distance, first judge", "second", "coverage, first judge", "second"]


def compared(group: str) -> str:
    """Samples, reconstructions and cost of a group's variants: of whole trainings, and a step of discriminators."""
    rows = [
        [
            name,
            number(of.get("training_seconds"), 0),
            number(of.get("discriminators_seconds"), 2),
            *judged(of),
            number(next(iter(of["judges"].values()))["class_agreement"], 2),
            number(of["mrstft"], 2),
            number(of["log_spectral_distance"], 1),
            number(of["hop_periodicity"], 3),
        ]
        for name, of in adversarial(group)
    ]
    head = ["variant", "seconds", "a step of discriminators (s)", *HEARD]
    return rows_to_text([*head, "class heard", "MR-STFT", "log-spectral (dB)", "buzz"], rows)


def failures() -> str:
    """How each of the thesis's ways ends."""
    rows = []
    for name, of in adversarial("thesis"):
        discriminator, history = of["discriminator"], of["history"]
        stopped = of["stopped"]
        collapsed = of["collapsed_at"]
        rows.append(
            [
                name,
                "–" if stopped is None else f"{stopped['step']:,}",
                "–" if collapsed is None else "never diverse" if collapsed == history[0]["step"] else f"{collapsed:,}",
                between([each["discriminator_loss"] for each in discriminator]) if discriminator else "–",
                number(discriminator[-1]["discriminator_accuracy_generated"], 2) if discriminator else "–",
                number(history[-1]["samples_coverage"], 2) if history else "–",
                number(history[-1]["samples_diversity"], 2) if history else "–",
                *judged(of),
                number(of.get("mrstft"), 2),
            ]
        )
    head = ["way", "stopped at step", "mode collapse from step", "discriminator's loss", "made sounds told apart"]
    return rows_to_text([*head, "coverage, validation", "diversity, validation", *HEARD, "MR-STFT"], rows)


def corpus() -> str:
    """The VAE-GAN beside the VAE that it started from, on the corpus."""
    found = read_json(CORPUS / "vae.json")
    rows = []
    for title, key, places in (
        ("kernel distance", "kernel_distance", 4),
        ("coverage", "coverage", 2),
        ("class heard", "class_agreement", 2),
    ):
        for judge in (None, *found["vae"]["judges"]):
            before, after = (
                found[name][key] if judge is None else found[name]["judges"][judge][key] for name in ("vae", "vaegan")
            )
            who = found["judge"]["name"] if judge is None else judge
            shown = [number(before, places), number(after, places)]
            if key == "kernel_distance":
                entries = (found[name] if judge is None else found[name]["judges"][judge] for name in ("vae", "vaegan"))
                shown = [interval(entry, key) for entry in entries]
            rows.append([f"{title}, `{who}`", *shown, number(after / before, 2)])
    for title, key, places in (
        ("MR-STFT, made anew", "mrstft", 3),
        ("log-spectral distance, made anew (dB)", "log_spectral_distance", 2),
        ("buzz", "hop_periodicity", 3),
    ):
        before, after = (found[name][key] for name in ("vae", "vaegan"))
        ratio = "–" if key == "hop_periodicity" else number(after / before, 2)
        rows.append([title, number(before, places), number(after, places), ratio])
    return rows_to_text(["figure", "VAE", "VAE-GAN", "times"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "discriminator costs": costs,
    "discriminator auc": discriminator_auc,
    "discriminator sets": lambda: compared("sets"),
    "two stages": lambda: compared("two_stage"),
    "failures": failures,
    "vaegan": corpus,
}
