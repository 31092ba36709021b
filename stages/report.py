"""Results of the earlier stages → reports/report.html, one self-contained page."""

import _lib.bootstrap  # noqa: F401

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from _lib.paths import CLIPS, LABEL_ISSUES, MAPS, METRICS, QUEUE, RAW, SOUNDS, SPLITS
from _lib.runtime import stage
from drumspace.audio.format.settings import AudioParams
from drumspace.audio.spectral.settings import FeatureParams
from drumspace.dataset.access.clips import Clips
from drumspace.io.atomic import write_text
from drumspace.io.json_files import read_json
from drumspace.report.inputs import Inputs, Latent
from drumspace.report.page import render
from drumspace.report.settings import ReportParams

REPORT = Path("reports/report.html")
QUEUE_ROWS = 12
"""Clips of the review queue in the report."""


def main() -> None:
    """Run the stage."""
    with stage("report") as work:
        manifold = read_json(METRICS / "manifold.json")
        inputs = Inputs(
            clips=Clips(CLIPS),
            splits=pd.read_parquet(SPLITS, columns=["clip_id", "part"]),
            sources=read_json(RAW / "sources.json"),
            quarantine=pd.read_csv(CLIPS / "quarantine.csv", dtype=str, keep_default_na=False),
            ingest=read_json(METRICS / "ingest.json"),
            split=read_json(METRICS / "split.json"),
            classifiers=read_json(METRICS / "classifiers.json"),
            details=read_json(METRICS / "details.json"),
            label_issues=read_json(METRICS / "label_issues.json"),
            doubted=pd.read_csv(LABEL_ISSUES, nrows=work.value("label_issues.report_rows", int)),
            maps={name: pd.read_parquet(MAPS / name / "maps.parquet") for name in features_of(manifold)},
            manifold=manifold,
            propagation=read_json(METRICS / "propagation.json"),
            queue=pd.read_csv(QUEUE, nrows=QUEUE_ROWS),
            synthesis=read_json(METRICS / "synthesis.json"),
            sounds={
                name: (np.load(SOUNDS / f"{name}.npy"), rows)
                for name, rows in read_json(SOUNDS / "sounds.json").items()
            },
            latent={name: read_latent(name, rows) for name, rows in read_json(SOUNDS / "latent.json").items()},
            audio=work.section("audio", AudioParams),
            features=work.section("features", FeatureParams),
            params=work.section("report", ReportParams),
        )
        write_text(REPORT, render(inputs))
        work.run.figure(REPORT)


def read_latent(name: str, rows: dict[str, Any]) -> Latent:
    """Read the samples of one VAE that evaluate_synthesis wrote; `rows` describes them."""
    reconstructions, interpolation, directions = (
        np.load(SOUNDS / f"{name}-{array}.npy") for array in ("reconstructions", "interpolation", "directions")
    )
    return Latent(reconstructions, interpolation, directions, rows)


def features_of(manifold: dict[str, Any]) -> list[str]:
    """Names of the features that have maps, in their order."""
    return list(dict.fromkeys(row["feature"] for row in manifold["rows"]))


if __name__ == "__main__":
    main()
