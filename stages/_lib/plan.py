"""The stages in the order that they run, how long each takes, and the result worth a look.

Run as a script, it prints this list before a first run; `make repro` does so.
"""

import json
from dataclasses import dataclass

from _lib.paths import TIMINGS


@dataclass(frozen=True)
class Step:
    """One stage of dvc.yaml, all its variants together."""

    name: str
    seconds: int
    """From reports/timings.json of a run with the committed params.yaml on two CPU cores, in 32-bit arithmetic."""
    task: str
    result: str
    """The path of the output to look at."""


STEPS = [
    Step("validate", 1, "check params.yaml", "params.yaml"),
    Step("fetch", 24, "get the sounds of all sources", "data/raw/sources.json"),
    Step("ingest", 4, "cut, level and catalogue the sounds, find duplicates", "reports/metrics/ingest.json"),
    Step("split", 1, "divide the kits into training, validation and test", "reports/metrics/split.json"),
    Step("features", 7, "compute spectra, mel spectra and MFCCs", "data/features"),
    Step("weights", 1, "find published weights", "models/weights"),
    Step("classify", 239, "train the classifiers", "models/classify"),
    Step("compare_classifiers", 1, "compare the classifiers and choose one", "reports/metrics/classifiers.json"),
    Step("classify_detail", 6, "train classifiers of open hats and 808 kicks", "reports/metrics/details.json"),
    Step("label_issues", 2, "list labels that are probably wrong", "data/review/label_issues.csv"),
    Step("pretrained_features", 20, "embed the sounds with a published network", "data/features/pretrained.json"),
    Step("learned_features", 2, "embed the sounds with a trained network", "data/features/learned.json"),
    Step("embed", 135, "draw the maps", "data/maps"),
    Step("compare_maps", 1, "compare the maps", "reports/metrics/manifold.json"),
    Step("propagate", 57, "label the unlabelled sounds", "data/labels/labels.parquet"),
    Step("judge", 19, "train the networks that judge generated sounds", "models/judge"),
    Step("train_wavegan", 1, "train the WaveGAN baseline", "models/wavegan"),
    Step("train_mcnn", 1, "train the MCNN baseline", "models/mcnn"),
    Step("train_vae", 141, "train the VAEs", "models/vae"),
    Step("train_vaegan", 99, "train the VAE-GANs", "models/vae"),
    Step("fit_priors", 36, "fit the priors of the VAEs", "models/priors"),
    Step("evaluate_synthesis", 154, "measure all generators", "reports/metrics/synthesis.json"),
    Step("report", 4, "write the report", "reports/report.html"),
    Step("plots", 1, "write the data of `dvc plots`", "reports/plots"),
]
BETWEEN_STAGES = 174
"""Seconds that the clock of that run showed beyond the stages: starts of Python, and DVC's hashes and lock file."""


def result_of(stage: str) -> str:
    """The path of the output of `stage` to look at; empty for a stage that is not listed."""
    return next((step.result for step in STEPS if step.name == stage), "")


def duration(seconds: float) -> str:
    """`seconds` for a reader: 45 s, 12 min."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def describe() -> str:
    """The plan of a run: each stage with its time, or one line where this copy has run before."""
    total = sum(step.seconds for step in STEPS) + BETWEEN_STAGES
    if TIMINGS.exists():
        table = json.loads(TIMINGS.read_text(encoding="utf-8"))
        last = sum(times["seconds"] for items in table.values() for times in items.values())
        return f"All stages together took {duration(last)} here; DVC runs those whose inputs have changed."
    rows = [f"  {step.name:20} {duration(step.seconds):>7}  {step.task}" for step in STEPS]
    head = f"A first run takes about {duration(total)} on two CPU cores in 32-bit arithmetic:"
    return "\n".join([head, *rows])


if __name__ == "__main__":
    print(describe(), flush=True)
